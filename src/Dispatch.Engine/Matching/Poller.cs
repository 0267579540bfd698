namespace Dispatch.Engine.Matching;

/// <summary>Who asks a queue for work.</summary>
/// <param name="Identity">Of the worker.</param>
/// <param name="InstanceKey">Of the worker's process; empty when it doesn't say.</param>
/// <param name="IsSticky">It asks on its own sticky queue.</param>
/// <param name="TasksPerSecond">It wants no more tasks a second from the whole queue; null for no limit.</param>
internal sealed record Poller(string Identity, string InstanceKey, bool IsSticky, double? TasksPerSecond = null)
{
    /// <summary>When it asked last.</summary>
    public DateTimeOffset LastAccess { get; init; }
}
