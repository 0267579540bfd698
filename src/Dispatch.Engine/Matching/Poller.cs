namespace Dispatch.Engine.Matching;

/// <summary>Who asks a queue for work.</summary>
/// <param name="Identity">Of the worker.</param>
/// <param name="InstanceKey">Of the worker's process; empty when it doesn't say.</param>
/// <param name="IsSticky">It asks on its own sticky queue.</param>
internal sealed record Poller(string Identity, string InstanceKey, bool IsSticky)
{
    /// <summary>When it asked last.</summary>
    public DateTimeOffset LastAccess { get; init; }
}
