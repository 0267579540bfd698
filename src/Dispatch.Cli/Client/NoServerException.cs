namespace Dispatch.Cli.Client;

/// <summary>No server answers, or the one that did is ending.</summary>
internal sealed class NoServerException(string message) : CliException(message)
{
    /// <summary>Whether a connection stood and broke: the server, or what stands before one that is started again, was there.</summary>
    public bool BrokeOff { get; init; }
}
