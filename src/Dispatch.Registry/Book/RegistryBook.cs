using System.Diagnostics.Metrics;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Book;

/// <summary>
/// The statements of a registry over the rows that are at hand: the pure decisions of one job and of one worker, put together. Where rows are kept is the heir's;
/// the rules are here once. Not safe for several threads: its owner locks.
/// </summary>
internal abstract partial class RegistryBook(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId>? newLease)
{
    private static readonly Meter Meter = new("Dispatch.Registry");
    private static readonly Counter<long> LateReturns = Meter.CreateCounter<long>("dispatch.registry.late_returns");

    private readonly Func<LeaseId> newLease = newLease ?? (static () => new LeaseId(Guid.NewGuid().ToString("N")));

    /// <summary>What is to be told once the statement is in force.</summary>
    public List<RegistryChange> Changes { get; } = [];

    protected PoolSet Pools => pools;

    protected RegistryOptions Options => options;

    /// <summary>The fence that a job new to the registry starts above.</summary>
    protected abstract long FenceFloor { get; }

    protected DateTimeOffset Now => Instants.Stored(time.GetUtcNow());

    protected abstract JobState? JobOf(JobId job);

    protected abstract WorkerEntry? WorkerOf(WorkerId worker);

    protected abstract LeaseRecord? RecordOf(LeaseId lease);

    protected abstract void Keep(JobState state);

    protected abstract void Keep(LeaseId lease, LeaseRecord record);

    /// <summary>A worker that the registry has not seen.</summary>
    protected abstract WorkerEntry Add(WorkerRow row);

    /// <summary>A worker serves another pool than before.</summary>
    protected abstract void PoolChanged(WorkerEntry entry, string left);

    /// <summary>A lease that no row has any more; it is remembered for as long as there is room.</summary>
    protected abstract void Spend(LeaseId lease);

    protected abstract long NextNumber();

    protected abstract bool QueueFull(string pool);

    /// <summary>A row has changed: where rows are ordered, it moves.</summary>
    protected abstract void Moved(JobRow? before, JobRow after);

    /// <summary>What a worker has, or may take, has changed.</summary>
    protected abstract void Touched(WorkerEntry entry, bool capacityAppeared);

    /// <summary>Whether a lease's row is there and cannot be read: nothing is known of it but that it is.</summary>
    protected virtual bool Unreadable(LeaseId lease) => false;

    /// <summary>Whether a worker's rows are there and cannot be read: nothing is offered to it.</summary>
    protected virtual bool Unreadable(WorkerId worker) => false;

    /// <summary>A worker as a router sees it.</summary>
    public CandidateView ViewOf(WorkerEntry entry)
    {
        if (entry.View is { } view) return view;
        var row = entry.Row;
        var (used, count) = WorkerUse.Of(row, entry.Live, lease => RecordOf(lease)?.Needs);
        return entry.View = new CandidateView
        {
            Worker = row.Worker,
            Incarnation = row.Incarnation,
            Pool = row.Pool,
            State = row.State,
            Silent = row.Silent,
            Stated = row.Stated,
            Unmet = row.Unmet,
            Total = row.Total,
            Free = row.Total.Minus(used),
            Leases = count,
            Buffered = entry.Buffered,
            Labels = row.Labels,
            Images = row.Images,
            Runtimes = row.Runtimes,
            MachineId = row.Host.MachineId,
            LastSeen = row.RenewedAt,
        };
    }

    /// <summary>Puts a job's new state in force: whatever differs from the old one moves.</summary>
    protected void Commit(JobState? old, JobState state)
    {
        if (ReferenceEquals(old, state)) return;
        foreach (var row in state.Rows)
        {
            var before = old?.RowOf(row.Conversation);
            if (ReferenceEquals(before, row)) continue;
            var after = row;
            if (after.Number == 0)
            {
                after = row with { Number = NextNumber() };
                state = state.With(after);
            }

            Move(before, after);
        }

        Keep(state);
    }

    private void Move(JobRow? before, JobRow after)
    {
        // A newcomer is placed by whoever asks for it; of a job whose block is gone nobody else knows.
        if (after.Queued && before is { BlockedBy: not null }) Changes.Add(new(RegistryChangeKind.JobUnblocked, after.Facts.Pool, after.Job));
        MoveLease(before, after);
        Moved(before, after);
        if (after.NudgeDue && before is not { NudgeDue: true })
            Changes.Add(new(RegistryChangeKind.NudgeDue, after.Facts.Pool, after.Job, after.RunId));
        Changes.Add(new(RegistryChangeKind.JobChanged, after.Facts.Pool, after.Job, Worker: after.Grant?.Worker));
    }

    private void MoveLease(JobRow? before, JobRow after)
    {
        if (before?.Grant is { } was)
        {
            if (after.Grant?.Lease != was.Lease) Spend(was.Lease);
            if (HoldsRoom(before) && WorkerOf(was.Worker) is { } entry)
            {
                if (before.Live) entry.Live.Remove(was.Lease);
                if (before.State == LeaseState.Offered) entry.Buffered--;
                entry.Leases.Remove(was.Lease);
                var same = after.Grant?.Lease == was.Lease;
                if (before.Live && !(after.Live && same)) Touch(entry, capacityAppeared: true);
                else if (!(HoldsRoom(after) && same)) Touch(entry, capacityAppeared: false);
            }
        }

        if (after.Grant is not { } grant) return;
        Keep(grant.Lease, new(after.Job, grant.Worker, grant.Needs));
        if (!HoldsRoom(after) || WorkerOf(grant.Worker) is not { } holder) return;
        if (after.Live) holder.Live[grant.Lease] = grant.Needs;
        if (after.State == LeaseState.Offered) holder.Buffered++;
        holder.Leases[grant.Lease] = after.Job;
        if (after.Live) Touch(holder, capacityAppeared: false);
    }

    /// <summary>Whether a worker has the row's lease: it counts, or may come to life again.</summary>
    protected static bool HoldsRoom(JobRow row) => row.Live || row.MayRun;

    protected void Touch(WorkerEntry entry, bool capacityAppeared)
    {
        entry.View = null;
        Touched(entry, capacityAppeared);
        if (capacityAppeared) Changes.Add(new(RegistryChangeKind.CapacityAppeared, entry.Row.Pool, Worker: entry.Row.Worker));
    }

    protected void TellOf(WorkerEntry entry) => Changes.Add(new(RegistryChangeKind.WorkerChanged, entry.Row.Pool, Worker: entry.Row.Worker));

    /// <summary>The job and row that have a lease as their current one.</summary>
    private (JobState State, JobRow Row)? CurrentOf(LeaseId lease) =>
        RecordOf(lease) is { } record && JobOf(record.Job) is { } state && state.RowOf(lease) is { } row ? (state, row) : null;
}
