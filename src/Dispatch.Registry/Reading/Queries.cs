using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Reading;

/// <summary>Which rows of jobs.</summary>
public sealed record JobRowQuery
{
    /// <summary>Most rows of one page.</summary>
    public const int LimitMax = 1000;

    /// <summary>Only this pool.</summary>
    public string? Pool { get; init; }

    /// <summary>Only rows in one of these states; empty is all.</summary>
    public IReadOnlyList<LeaseState> States { get; init; } = [];

    /// <summary>Only settled rows, or only others; null is all.</summary>
    public bool? Settled { get; init; }

    /// <summary>Only rows whose newest attempt has or had this worker.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>Only this owner's.</summary>
    public string? Owner { get; init; }

    /// <summary>Only rows whose job id or name contains this text.</summary>
    public string? Contains { get; init; }

    /// <summary>Only rows with all of these labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Only rows that last changed before this, UTC.</summary>
    public DateTimeOffset? ChangedBefore { get; init; }

    /// <summary>Most rows, 1…<see cref="LimitMax"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The cursor of the page before.</summary>
    public string? Cursor { get; init; }
}

/// <summary>One page of rows, newest first.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record JobRowPage(IReadOnlyList<JobRow> Rows, string? Next);

/// <summary>Which workers.</summary>
public sealed record WorkerQuery
{
    /// <summary>Only this pool.</summary>
    public string? Pool { get; init; }

    /// <summary>Only those in this state.</summary>
    public WorkerState? State { get; init; }

    /// <summary>Most workers, 1…1,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The cursor of the page before.</summary>
    public string? Cursor { get; init; }
}

/// <summary>A worker with what it has.</summary>
/// <param name="Row">The worker.</param>
/// <param name="Free">What of it is free.</param>
/// <param name="Leases">Its offered, held and expired attempts.</param>
public sealed record WorkerRecord(WorkerRow Row, Amounts Free, IReadOnlyList<JobRow> Leases);

/// <summary>One page of workers.</summary>
/// <param name="Workers">The workers.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record WorkerRecordPage(IReadOnlyList<WorkerRecord> Workers, string? Next)
{
    /// <summary>Workers whose rows contradict themselves, of whatever pool and state, by id; the first page has them.</summary>
    public IReadOnlyList<BrokenWorker> Broken { get; init; } = [];
}

/// <summary>A worker of which only that is known that its rows contradict themselves.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Why">What contradicts what, and what to do.</param>
public sealed record BrokenWorker(WorkerId Worker, string Why);

/// <summary>What a pool has and waits for.</summary>
/// <param name="Workers">How many workers are in each state; states without a worker are left out.</param>
/// <param name="Waiting">Jobs in the queue.</param>
/// <param name="Leased">Leases offered or held.</param>
/// <param name="OldestWaiting">When the job that waits longest was submitted, UTC.</param>
public sealed record PoolCounts(IReadOnlyDictionary<WorkerState, int> Workers, int Waiting, int Leased, DateTimeOffset? OldestWaiting);
