namespace Dispatch.Cli.Verbs;

/// <summary>A history file that was named, by itself or by its folder.</summary>
/// <param name="Path">The file; or the folder that <paramref name="Fault"/> or <paramref name="Note"/> is about.</param>
/// <param name="Fault">Why there is nothing to read; null where there is.</param>
/// <param name="Note">What was passed over on purpose; null where nothing was.</param>
internal sealed record NamedHistory(string Path, string? Fault = null, string? Note = null);
