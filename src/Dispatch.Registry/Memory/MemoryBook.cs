using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Book;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Memory;

/// <summary>All rows of a registry, in memory, with the orders in which they are read. Owned by the registry's lock.</summary>
internal sealed partial class MemoryBook(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId>? newLease) : RegistryBook(pools, options, time, newLease)
{
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
    private long lastNumber;
    private long fenceFloor;

    protected override long FenceFloor => fenceFloor;

    public PoolEntry PoolOf(string name)
    {
        if (!poolEntries.TryGetValue(name, out var entry)) poolEntries[name] = entry = new PoolEntry(name);
        return entry;
    }

    public CandidateView[] SnapshotOf(PoolEntry pool)
    {
        if (pool.Snapshot is { } snapshot) return snapshot;
        snapshot = new CandidateView[pool.Workers.Count];
        for (var i = 0; i < snapshot.Length; i++) snapshot[i] = ViewOf(workers[pool.Workers.GetValueAtIndex(i)]);
        return pool.Snapshot = snapshot;
    }

    protected override JobState? JobOf(JobId job) => jobs.GetValueOrDefault(job);

    protected override WorkerEntry? WorkerOf(WorkerId worker) => workers.GetValueOrDefault(worker);

    protected override LeaseRecord? RecordOf(LeaseId lease) => leases.GetValueOrDefault(lease);

    protected override long NextNumber() => ++lastNumber;

    protected override bool QueueFull(string pool) => PoolOf(pool).Queue.Count >= (Pools.Find(pool)?.WaitingMax ?? 0);

    protected override void Keep(LeaseId lease, LeaseRecord record) => leases[lease] = record;

    protected override void Keep(JobState state)
    {
        jobs[state.Job] = state;
        foreach (var row in state.Rows)
        {
            if (row.BlockedBy is null) continue;
            blocked.Add(state.Job);
            return;
        }

        blocked.Remove(state.Job);
    }

    protected override WorkerEntry Add(WorkerRow row)
    {
        MakeRoomForWorker();
        var entry = workers[row.Worker] = new WorkerEntry(row);
        PoolOf(row.Pool).Workers[row.Worker.Value] = row.Worker;
        return entry;
    }

    protected override void PoolChanged(WorkerEntry entry, string left)
    {
        Leave(left, entry.Row.Worker);
        PoolOf(entry.Row.Pool).Workers[entry.Row.Worker.Value] = entry.Row.Worker;
    }

    protected override void Touched(WorkerEntry entry, bool capacityAppeared)
    {
        var pool = PoolOf(entry.Row.Pool);
        pool.Snapshot = null;
        if (capacityAppeared) pool.Version++;
    }

    protected override void Moved(JobRow? before, JobRow after)
    {
        if (before is { Queued: true }) PoolOf(before.Facts.Pool).Queue.Remove(before);
        if (after.Queued) PoolOf(after.Facts.Pool).Queue.Add(after);
        if (before is null)
        {
            byNumber[after.Number] = (after.Job, after.Conversation);
            allRows.Add(after.Number);
        }

        if (after.SettledAt is null) openRows.Add(after.Number);
        else openRows.Remove(after.Number);
        if (after.SettledAt is { } at && before?.SettledAt != at) settled.Enqueue((at, after.Job, after.Conversation));
    }

    protected override void Spend(LeaseId lease)
    {
        spent.Enqueue(lease);
        while (spent.Count > Options.SpentLeasesMax) leases.Remove(spent.Dequeue());
    }

    private void MakeRoomForWorker()
    {
        while (workers.Count >= Options.WorkersMax)
        {
            var gone = workers.Values.Where(one => one.Leases.Count == 0 && one.Row.Gone).MinBy(one => one.Row.RenewedAt)
                ?? throw new DispatchException(ErrorCode.InternalError, $"The registry has {workers.Count} workers, of at most {Options.WorkersMax}, and none of them is gone.");
            workers.Remove(gone.Row.Worker);
            Leave(gone.Row.Pool, gone.Row.Worker);
        }
    }

    private void Leave(string name, WorkerId worker)
    {
        var pool = PoolOf(name);
        pool.Workers.Remove(worker.Value);
        pool.Snapshot = null;
    }
}
