using System.Text.Json.Serialization;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;

namespace Dispatch.Contracts.Workers;

/// <summary>Where a worker lives: a lease is adopted only by its own host.</summary>
/// <param name="MachineId">The machine's id.</param>
/// <param name="BootId">The boot's id.</param>
/// <param name="DataDirectoryId">The id kept in the worker's data directory.</param>
/// <param name="RuntimeIds">The ids of its runtimes by name.</param>
public sealed record WorkerHost(string MachineId, string BootId, string DataDirectoryId, IReadOnlyDictionary<string, string> RuntimeIds);

/// <summary>What a worker can hold. A worker that declares no slots has exactly one.</summary>
public sealed record WorkerCapacity
{
    /// <summary>Most leases at once; null is one.</summary>
    public int? Slots { get; init; }

    /// <summary>Cores.</summary>
    public decimal Cpu { get; init; }

    /// <summary>Bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Whole devices.</summary>
    public int Gpu { get; init; }

    /// <summary>Bytes of disk; null is not declared.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Custom units.</summary>
    public IReadOnlyDictionary<string, decimal> Units { get; init; } = new Dictionary<string, decimal>();
}

/// <summary>The worker's own state.</summary>
public enum WorkerState
{
    /// <summary>Not yet ready for the first time.</summary>
    Starting,

    /// <summary>Takes work.</summary>
    Ready,

    /// <summary>Takes no new work for now.</summary>
    NotReady,

    /// <summary>Takes no new work and ends what it has.</summary>
    Draining,

    /// <summary>Ended in order.</summary>
    Stopped,

    /// <summary>Kept from new work by an operator or the failure fuse.</summary>
    Quarantined,

    /// <summary>Silent for longer than its leases live.</summary>
    Lost,
}

/// <summary>One start of a worker.</summary>
public sealed record WorkerRegistration
{
    /// <summary>The worker's stable id.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>The last incarnation the worker knows of itself, 0 at first; the new one is higher.</summary>
    public long LastIncarnation { get; init; }

    /// <summary>A random text made at this start: a repeated call of the same start gets the same answer.</summary>
    public required string StartId { get; init; }

    /// <summary>Where it lives.</summary>
    public required WorkerHost Host { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>The pool.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>What it can hold.</summary>
    public required WorkerCapacity Capacity { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of its runtimes: <c>docker</c>, <c>podman</c>, <c>process</c>.</summary>
    public required IReadOnlyList<string> Runtimes { get; init; }

    /// <summary>Images on the host, at most 200 references.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Everything it still has of its own host (container or report).</summary>
    public IReadOnlyList<LeaseStatement> Has { get; init; } = [];

    /// <summary>Whether it is ready for work at once.</summary>
    public WorkerState State { get; init; } = WorkerState.Ready;
}

/// <summary>The answer to a registration.</summary>
public sealed record WorkerRegistered
{
    /// <summary>The incarnation of this start, from 1.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The pool's times.</summary>
    public required TimeProfile Profile { get; init; }

    /// <summary>What the pool allows a spec to ask; the worker checks it again.</summary>
    public Jobs.Admission Admission { get; init; } = new();

    /// <summary>The fate of each lease that was restated.</summary>
    public required IReadOnlyList<LeaseVerdict> Leases { get; init; }
}

/// <summary>The finer state of a lease on its worker.</summary>
public enum LeaseActivity
{
    /// <summary>Taken, nothing done yet.</summary>
    Received,

    /// <summary>The image is fetched.</summary>
    Pulling,

    /// <summary>Container made, init steps under way.</summary>
    Initializing,

    /// <summary>The workload runs.</summary>
    Running,

    /// <summary>The workload runs and said it is ready.</summary>
    Ready,

    /// <summary>It is being stopped.</summary>
    Stopping,

    /// <summary>Ended; the report is kept until it is delivered.</summary>
    Ended,

    /// <summary>Nobody knows whether it was started, or still is: named so that its room is not sold, not so that its lease is renewed.</summary>
    InDoubt,
}

/// <summary>What a worker says of one lease it has.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Activity">What it does.</param>
/// <param name="Message">More about that, at most 300 characters.</param>
/// <param name="StartedAt">When the container started, UTC.</param>
public sealed record LeaseStatement(LeaseId Lease, LeaseActivity Activity, string? Message = null, DateTimeOffset? StartedAt = null);

/// <summary>What the registry thinks of a lease that a worker named.</summary>
public enum LeaseStanding
{
    /// <summary>Held by this worker and renewed.</summary>
    Held,

    /// <summary>The registry does not speak for it: expired, but still the job's current one, which a new confirm revives; or unknown, or its rows cannot be read. The worker may go on while Temporal speaks for it.</summary>
    Expired,

    /// <summary>Not this worker's: returned or superseded. Whatever runs of it is ended at once.</summary>
    NotYours,
}

/// <summary>The standing of one lease.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Standing">What holds for it.</param>
public sealed record LeaseVerdict(LeaseId Lease, LeaseStanding Standing);

/// <summary>One renewal of all leases of a worker.</summary>
public sealed record WorkerRenewal
{
    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The worker's call number, raised every time.</summary>
    public required long Call { get; init; }

    /// <summary>Everything it still has, in whatever state.</summary>
    public required IReadOnlyList<LeaseStatement> Has { get; init; }

    /// <summary>The worker's own state.</summary>
    public WorkerState State { get; init; } = WorkerState.Ready;

    /// <summary>Why it is not ready, one sentence each.</summary>
    public IReadOnlyList<string> Unmet { get; init; } = [];
}

/// <summary>The answer to a renewal.</summary>
public sealed record RenewalAnswer
{
    /// <summary>False where a newer incarnation of the worker is registered, or the worker is unknown: it must end, or register again.</summary>
    public required bool Accepted { get; init; }

    /// <summary>True where the registry does not know the worker (it was restarted without its memory): register again.</summary>
    public bool RegisterAgain { get; init; }

    /// <summary>The incarnation that has taken the worker's place, where one has; 0 is none.</summary>
    public long NewestIncarnation { get; init; }

    /// <summary>Where that one lives.</summary>
    public WorkerHost? NewestHost { get; init; }

    /// <summary>The standing of each lease that was named.</summary>
    public IReadOnlyList<LeaseVerdict> Leases { get; init; } = [];

    /// <summary>Leases held by this worker that it did not name: those it does not know it returns as nothing started.</summary>
    public IReadOnlyList<LeaseId> Unnamed { get; init; } = [];

    /// <summary>What an operator wants of the worker: <c>Draining</c> or <c>Ready</c>; null is nothing.</summary>
    public WorkerState? Wanted { get; init; }
}

/// <summary>A worker takes an offered lease.</summary>
public sealed record LeaseConfirmation
{
    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The worker's call number.</summary>
    public required long Call { get; init; }

    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }
}

/// <summary>The answer to a confirmation.</summary>
public sealed record ConfirmAnswer
{
    /// <summary>Whether the lease is held by this worker now.</summary>
    public required bool Accepted { get; init; }

    /// <summary>Refused: why, for the text of <c>StaleLease</c>.</summary>
    public string? Why { get; init; }

    /// <summary>Accepted: the canonical spec to run.</summary>
    public string? SpecJson { get; init; }

    /// <summary>Accepted: the job.</summary>
    public JobId? Job { get; init; }

    /// <summary>Accepted: the attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Accepted: the fence.</summary>
    public long Fence { get; init; }
}

/// <summary>A worker gives a lease back.</summary>
public sealed record LeaseReturn
{
    /// <summary>No number: a return of what has ended bears none.</summary>
    public const long Unnumbered = 0;

    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The worker's call number; <see cref="Unnumbered"/> only where <see cref="HasEnded"/>.</summary>
    public required long Call { get; init; }

    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>What came of it, where the container ran to an end.</summary>
    public ContainerReport? Outcome { get; init; }

    /// <summary>What came of it, where it failed.</summary>
    public ContainerFailure? Failure { get; init; }

    /// <summary>Whether something was started and is gone: that stays so, whichever call arrives first. "Nothing was started" may be overtaken by a later call of the same worker.</summary>
    [JsonIgnore]
    public bool HasEnded => Outcome is not null || Failure is { NothingStarted: false };
}
