using System.Diagnostics.Metrics;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;

namespace Dispatch.Registry.Memory;

/// <summary>The registry in memory, for <c>dispatch dev</c> and for tests: a thin shell around the pure statements, with one lock that is never held across a call.</summary>
public sealed partial class InMemoryRegistry : IRegistry
{
    private static readonly Meter Meter = new("Dispatch.Registry");
    private static readonly Counter<long> LateReturns = Meter.CreateCounter<long>("dispatch.registry.late_returns");

    private readonly Lock gate = new();
    private readonly PoolSet pools;
    private readonly RegistryOptions options;
    private readonly TimeProvider time;
    private readonly Func<LeaseId> newLease;

    // All below is owned by the lock.
    private readonly Dictionary<JobId, JobState> jobs = [];
    private readonly Dictionary<LeaseId, LeaseRecord> leases = [];
    private readonly Queue<LeaseId> spent = [];
    private readonly Dictionary<WorkerId, WorkerEntry> workers = [];
    private readonly Dictionary<string, PoolEntry> poolEntries = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (JobId Job, ConversationId Conversation)> byNumber = [];
    private readonly SortedSet<long> allRows = [];
    private readonly SortedSet<long> openRows = [];
    private readonly HashSet<JobId> blocked = [];
    private readonly Queue<(DateTimeOffset At, JobId Job, ConversationId Conversation)> settled = [];
    private readonly List<RegistryChange> changes = [];
    private long lastNumber;
    private long fenceFloor;

    private Action<RegistryChange>[] observers = [];

    /// <summary>Makes an empty registry.</summary>
    /// <param name="pools">The pools.</param>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock of time stamps; no lease ends by it.</param>
    /// <param name="newLease">Makes lease ids, each unique; null makes random ones.</param>
    public InMemoryRegistry(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId>? newLease = null)
    {
        ArgumentNullException.ThrowIfNull(pools);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        this.pools = pools;
        this.options = options;
        this.time = time;
        this.newLease = newLease ?? (static () => new LeaseId(Guid.NewGuid().ToString("N")));
    }

    private DateTimeOffset Now => time.GetUtcNow();

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<RegistryChange> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        lock (gate) observers = [.. observers, observer];
        return new Subscription(this, observer);
    }

    /// <summary>Runs one statement under the lock, and tells of its changes outside.</summary>
    private T Run<T>(Func<T> statement)
    {
        T result;
        RegistryChange[] told;
        Action<RegistryChange>[] listeners;
        lock (gate)
        {
            result = statement();
            told = changes.Count == 0 ? [] : [.. changes];
            changes.Clear();
            listeners = observers;
        }

        foreach (var change in told)
        {
            foreach (var listener in listeners) listener(change);
        }

        return result;
    }

    /// <summary>Puts a job's new state in force: whatever differs from the old one moves in the indexes.</summary>
    private void Commit(JobState? old, JobState state)
    {
        if (ReferenceEquals(old, state)) return;
        var anyBlocked = false;
        foreach (var row in state.Rows)
        {
            var before = old?.RowOf(row.Conversation);
            var after = row;
            if (!ReferenceEquals(before, row))
            {
                if (after.Number == 0)
                {
                    after = row with { Number = ++lastNumber };
                    state = state.With(after);
                }

                Move(before, after);
            }

            anyBlocked |= after.BlockedBy is not null;
        }

        jobs[state.Job] = state;
        if (anyBlocked) blocked.Add(state.Job);
        else blocked.Remove(state.Job);
    }

    private void Move(JobRow? before, JobRow after)
    {
        MoveInQueue(before, after);
        MoveLease(before, after);
        MoveInLists(before, after);
        if (after.NudgeDue && before is not { NudgeDue: true })
            changes.Add(new(RegistryChangeKind.NudgeDue, after.Facts.Pool, after.Job, after.RunId));
        changes.Add(new(RegistryChangeKind.JobChanged, after.Facts.Pool, after.Job, Worker: after.Grant?.Worker));
    }

    private void MoveInQueue(JobRow? before, JobRow after)
    {
        if (before is { Queued: true }) PoolOf(before.Facts.Pool).Queue.Remove(before);
        if (!after.Queued) return;
        PoolOf(after.Facts.Pool).Queue.Add(after);
        // A newcomer is placed by whoever asks for it; of a job whose block is gone nobody else knows.
        if (before is { BlockedBy: not null }) changes.Add(new(RegistryChangeKind.JobUnblocked, after.Facts.Pool, after.Job));
    }

    private void MoveLease(JobRow? before, JobRow after)
    {
        if (before?.Grant is { } was)
        {
            if (after.Grant?.Lease != was.Lease) Spend(was.Lease);
            if (workers.TryGetValue(was.Worker, out var entry))
            {
                if (before.Live) entry.Live.Remove(was.Lease);
                if (before.State == LeaseState.Offered) entry.Buffered--;
                entry.Leases.Remove(was.Lease);
                if (before.Live && !(after.Live && after.Grant?.Lease == was.Lease)) Touch(entry, capacityAppeared: true);
            }
        }

        if (after.Grant is not { } grant) return;
        leases[grant.Lease] = new(after.Job, grant.Worker, grant.Needs);
        if (!workers.TryGetValue(grant.Worker, out var holder)) return;
        if (after.Live) holder.Live[grant.Lease] = grant.Needs;
        if (after.State == LeaseState.Offered) holder.Buffered++;
        if (after.Live || after.MayRun) holder.Leases[grant.Lease] = after.Job;
        if (after.Live) Touch(holder, capacityAppeared: false);
    }

    private void MoveInLists(JobRow? before, JobRow after)
    {
        if (before is null)
        {
            byNumber[after.Number] = (after.Job, after.Conversation);
            allRows.Add(after.Number);
        }

        if (after.SettledAt is null) openRows.Add(after.Number);
        else openRows.Remove(after.Number);
        if (after.SettledAt is { } at && before?.SettledAt != at) settled.Enqueue((at, after.Job, after.Conversation));
    }

    private void Spend(LeaseId lease)
    {
        spent.Enqueue(lease);
        while (spent.Count > options.SpentLeasesMax) leases.Remove(spent.Dequeue());
    }

    private void Touch(WorkerEntry entry, bool capacityAppeared)
    {
        entry.View = null;
        var pool = PoolOf(entry.Row.Pool);
        pool.Snapshot = null;
        if (!capacityAppeared) return;
        pool.Version++;
        changes.Add(new(RegistryChangeKind.CapacityAppeared, pool.Name, Worker: entry.Row.Worker));
    }

    private PoolEntry PoolOf(string name)
    {
        if (!poolEntries.TryGetValue(name, out var entry)) poolEntries[name] = entry = new PoolEntry(name);
        return entry;
    }

    /// <summary>The job and row that have a lease as their current one.</summary>
    private (JobState State, JobRow Row)? CurrentOf(LeaseId lease) =>
        leases.TryGetValue(lease, out var record) && jobs.TryGetValue(record.Job, out var state) && state.RowOf(lease) is { } row ? (state, row) : null;

    private sealed class Subscription(InMemoryRegistry registry, Action<RegistryChange> observer) : IDisposable
    {
        public void Dispose()
        {
            lock (registry.gate) registry.observers = [.. registry.observers.Where(one => one != observer)];
        }
    }
}
