namespace Dispatch.Engine.Visibility.Queries;

/// <summary>A whole query: a condition or none, and the fields to group by.</summary>
internal sealed record ParsedQuery(Expression? Where, IReadOnlyList<string> GroupBy);
