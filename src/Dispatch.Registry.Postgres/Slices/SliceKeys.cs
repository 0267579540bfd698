using Dispatch.Contracts.Ids;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>Which rows a batch of statements needs. It only ever grows.</summary>
internal sealed class SliceKeys
{
    public HashSet<WorkerId> Workers { get; } = [];

    /// <summary>Workers of which every job they hold is needed.</summary>
    public HashSet<WorkerId> Whole { get; } = [];

    public HashSet<JobId> Jobs { get; } = [];

    public HashSet<LeaseId> Leases { get; } = [];

    /// <summary>Jobs that are most likely new: it is their first ask.</summary>
    public HashSet<JobId> Newcomers { get; } = [];

    /// <summary>How many rows may be new.</summary>
    public int Numbers { get; set; }

    /// <summary>Pools whose queues a newcomer may join.</summary>
    public HashSet<string> Pools { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a worker may be new.</summary>
    public bool NewWorker { get; set; }
}

/// <summary>A statement looked at a row that was not read: it is decided again on more rows.</summary>
internal sealed class SliceTooSmallException(Action<SliceKeys> grow) : Exception("The statement needs a row that was not read.")
{
    public void Grow(SliceKeys keys) => grow(keys);
}
