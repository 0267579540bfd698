using Dispatch.Contracts.Ids;
using Dispatch.Registry.Queue;
using Dispatch.Routing;

namespace Dispatch.Registry.Memory;

/// <summary>A pool in memory. Owned by the registry's lock.</summary>
internal sealed class PoolEntry(string name)
{
    public string Name { get; } = name;

    public WaitingQueue Queue { get; } = new();

    /// <summary>Its workers, by id in ordinal order.</summary>
    public SortedList<string, WorkerId> Workers { get; } = new(StringComparer.Ordinal);

    /// <summary>Grows whenever a job that did not fit may fit.</summary>
    public long Version { get; set; } = 1;

    /// <summary>The workers' views; null after a change.</summary>
    public CandidateView[]? Snapshot { get; set; }
}
