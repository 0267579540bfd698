namespace Dispatch.Engine.Matching;

/// <summary>Who asks a queue for work.</summary>
/// <param name="Identity">Of the worker.</param>
/// <param name="InstanceKey">Of the worker's process; empty when it doesn't say.</param>
internal sealed record Poller(string Identity, string InstanceKey)
{
    /// <summary>When it asked last.</summary>
    public DateTimeOffset LastAccess { get; init; }
}
