namespace Dispatch.Cli.Roles;

/// <summary>Where Temporal is.</summary>
/// <param name="Target">Host and port.</param>
/// <param name="Namespace">The namespace.</param>
internal sealed record TemporalAddress(string Target, string Namespace);
