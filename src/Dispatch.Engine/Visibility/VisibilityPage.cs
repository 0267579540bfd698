namespace Dispatch.Engine.Visibility;

/// <summary>Some rows of a list. A full page may be the last one: only asking for the next one tells.</summary>
internal sealed record VisibilityPage(IReadOnlyList<VisibilityRow> Rows, bool IsFull);
