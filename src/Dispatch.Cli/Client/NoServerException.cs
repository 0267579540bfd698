namespace Dispatch.Cli.Client;

/// <summary>No server answers, or the one that did is ending.</summary>
internal sealed class NoServerException(string message) : CliException(message);
