using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Rows;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>The rows that were read for a batch. Immutable: a batch may be decided on it more than once.</summary>
internal sealed class Slice
{
    /// <summary>The jobs that were read; null is one that is not there.</summary>
    public Dictionary<JobId, StoredJobState?> Jobs { get; } = [];

    /// <summary>The workers that were read; null is one that is not there.</summary>
    public Dictionary<WorkerId, StoredWorkerState?> Workers { get; } = [];

    /// <summary>The leases that were looked for; null is one that is not known.</summary>
    public Dictionary<LeaseId, StoredLease?> Leases { get; } = [];

    /// <summary>Rows that are there and contradict themselves.</summary>
    public Dictionary<JobId, DispatchException> BrokenJobs { get; } = [];

    /// <summary>Rows that are there and contradict themselves.</summary>
    public Dictionary<WorkerId, DispatchException> BrokenWorkers { get; } = [];

    /// <summary>Whether the rows are remembered and not locked: those that do not change are compared too.</summary>
    public bool Remembered { get; set; }

    /// <summary>Whether jobs are taken for new that nobody has looked for: they are written only where they are.</summary>
    public bool Newcomers { get; set; }

    /// <summary>Numbers for new rows.</summary>
    public IReadOnlyList<long> Numbers { get; set; } = [];

    public long FenceFloor { get; set; }

    /// <summary>How many wait in each pool that was asked for.</summary>
    public Dictionary<string, long> Waiting { get; } = new(StringComparer.Ordinal);

    /// <summary>How many workers there are, where one may be new.</summary>
    public long WorkersCount { get; set; }
}
