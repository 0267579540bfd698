using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Book;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>The statements over the rows that were read. What it has not read it says, and is made anew with more.</summary>
internal sealed class SliceBook(Slice slice, PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId>? newLease) : RegistryBook(pools, options, time, newLease)
{
    private readonly Dictionary<JobId, JobState> jobs = [];
    private readonly Dictionary<WorkerId, WorkerEntry> workers = [];
    private readonly Dictionary<LeaseId, LeaseRecord> records = [];
    private readonly Dictionary<string, int> joined = new(StringComparer.Ordinal);
    private readonly HashSet<LeaseId> known = [];
    private int numbersUsed;
    private int workersAdded;

    /// <summary>Jobs that have changed, as they are now.</summary>
    public Dictionary<JobId, JobState> ChangedJobs { get; } = [];

    /// <summary>Workers that have changed: their row, or what they hold.</summary>
    public Dictionary<WorkerId, WorkerEntry> ChangedWorkers { get; } = [];

    /// <summary>Leases that no row has any more.</summary>
    public HashSet<LeaseId> Spent { get; } = [];

    /// <summary>Rows that are gone.</summary>
    public List<RowKey> Removed { get; } = [];

    /// <summary>The highest fence of a job that is gone.</summary>
    public long? FenceGone { get; private set; }

    /// <summary>By how much each pool's queue has grown.</summary>
    public IReadOnlyDictionary<string, int> Joined => joined;

    protected override long FenceFloor => Math.Max(slice.FenceFloor, FenceGone ?? 0);

    /// <summary>Removes a settled row, where it may still go.</summary>
    public bool Remove(JobId job, ConversationId conversation, DateTimeOffset settledAt)
    {
        if (slice.BrokenJobs.ContainsKey(job) || JobOf(job) is not { } state || state.RowOf(conversation) is not { } row || row.SettledAt != settledAt || !MayGo(row, IsOld(settledAt))) return false;
        if (row.Grant is { } grant)
        {
            if (Unreadable(grant.Worker)) return false;
            Spent.Add(grant.Lease);
            if (HoldsRoom(row) && WorkerOf(grant.Worker) is { } entry)
            {
                entry.Leases.Remove(grant.Lease);
                ChangedWorkers[grant.Worker] = entry;
            }
        }

        Removed.Add(new(job, conversation));
        Keep(state with { Rows = state.Rows.Remove(row) });
        if (state.Rows.Length == 1) FenceGone = Math.Max(FenceGone ?? 0, state.Fence);
        return true;
    }

    protected override JobState? JobOf(JobId job)
    {
        if (jobs.TryGetValue(job, out var state)) return state.Rows.IsEmpty ? null : state;
        if (slice.BrokenJobs.TryGetValue(job, out var broken)) throw broken;
        if (!slice.Jobs.TryGetValue(job, out var stored)) throw new SliceTooSmallException(keys => AddJobs(keys, job));
        return stored?.State;
    }

    protected override WorkerEntry? WorkerOf(WorkerId worker)
    {
        if (workers.TryGetValue(worker, out var entry)) return entry;
        if (slice.BrokenWorkers.TryGetValue(worker, out var broken)) throw broken;
        if (!slice.Workers.TryGetValue(worker, out var stored)) throw new SliceTooSmallException(keys => keys.Workers.Add(worker));
        return stored is null ? null : workers[worker] = EntryOf(stored);
    }

    protected override LeaseRecord? RecordOf(LeaseId lease)
    {
        if (records.TryGetValue(lease, out var record)) return record;
        if (!slice.Leases.TryGetValue(lease, out var stored) && !known.Contains(lease)) throw new SliceTooSmallException(keys => keys.Leases.Add(lease));
        return stored is null ? null : new LeaseRecord(stored.Job, stored.Worker, stored.Needs);
    }

    /// <summary>The job; and, where a worker is looked at as a whole, every other one that may be looked at next: what is remembered of the worker may name jobs that have let go of it since.</summary>
    private void AddJobs(SliceKeys keys, JobId job)
    {
        keys.Jobs.Add(job);
        foreach (var entry in workers.Values.Where(one => keys.Whole.Contains(one.Row.Worker)))
        {
            keys.Jobs.UnionWith(entry.Leases.Values);
            foreach (var named in entry.Row.Named)
            {
                if (records.TryGetValue(named.Lease, out var record)) keys.Jobs.Add(record.Job);
            }
        }
    }

    protected override bool Unreadable(WorkerId worker) => slice.BrokenWorkers.ContainsKey(worker);

    protected override bool Unreadable(LeaseId lease) => RecordOf(lease) is { } record && slice.BrokenJobs.ContainsKey(record.Job);

    protected override void Keep(JobState state) => ChangedJobs[state.Job] = jobs[state.Job] = state;

    protected override void Keep(LeaseId lease, LeaseRecord record) => records[lease] = record;

    protected override WorkerEntry Add(WorkerRow row)
    {
        if (slice.WorkersCount + workersAdded >= Options.WorkersMax)
            throw new DispatchException(ErrorCode.InternalError, $"The registry has {slice.WorkersCount + workersAdded} workers, of at most {Options.WorkersMax}, and none of them is gone.");
        workersAdded++;
        return workers[row.Worker] = new WorkerEntry(row);
    }

    protected override void PoolChanged(WorkerEntry entry, string left)
    {
        // Where a worker is, its own row says.
    }

    protected override void Touched(WorkerEntry entry, bool capacityAppeared) => ChangedWorkers[entry.Row.Worker] = entry;

    protected override void Spend(LeaseId lease) => Spent.Add(lease);

    protected override long NextNumber() =>
        numbersUsed < slice.Numbers.Count ? slice.Numbers[numbersUsed++] : throw new SliceTooSmallException(keys => keys.Numbers++);

    protected override bool QueueFull(string pool)
    {
        if (!slice.Waiting.TryGetValue(pool, out var waiting)) throw new SliceTooSmallException(keys => keys.Pools.Add(pool));
        return waiting + joined.GetValueOrDefault(pool) >= (Pools.Find(pool)?.WaitingMax ?? 0);
    }

    protected override void Moved(JobRow? before, JobRow after)
    {
        if (before is { Queued: true }) joined[before.Facts.Pool] = joined.GetValueOrDefault(before.Facts.Pool) - 1;
        if (after.Queued) joined[after.Facts.Pool] = joined.GetValueOrDefault(after.Facts.Pool) + 1;
    }

    /// <summary>A worker whose row was changed and nothing else of it.</summary>
    public void NoteRows()
    {
        foreach (var (worker, entry) in workers)
        {
            if (slice.Workers.GetValueOrDefault(worker) is not { } stored || !ReferenceEquals(stored.Row, entry.Row)) ChangedWorkers[worker] = entry;
        }
    }

    /// <summary>A worker that was read, as a router sees it.</summary>
    public CandidateView ViewOf(StoredWorkerState stored) => ViewOf(EntryOf(stored));

    /// <summary>A worker as it is now.</summary>
    public StoredWorkerState StateOf(WorkerEntry entry, long version)
    {
        var known = new Dictionary<LeaseId, LeaseRecord>();
        foreach (var lease in entry.Leases.Keys.Concat(entry.Live.Keys).Concat(entry.Row.Named.Select(named => named.Lease)))
        {
            if (RecordOf(lease) is { } record) known[lease] = record;
        }

        return new(entry.Row, version, entry.Live, entry.Leases, entry.Buffered, known);
    }

    private WorkerEntry EntryOf(StoredWorkerState stored)
    {
        foreach (var (lease, record) in stored.Records) records.TryAdd(lease, record);
        foreach (var named in stored.Row.Named) known.Add(named.Lease);
        return stored.Entry(job => !slice.BrokenJobs.ContainsKey(job));
    }
}
