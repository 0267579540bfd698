namespace Dispatch.Engine.Visibility.Queries;

/// <summary>A query that cannot be understood, or asks for what a field's type doesn't have.</summary>
internal sealed class QueryException(string message) : Exception(message);
