using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Shelves;

/// <summary>
/// The workers as this process saw them last, with their views: what routers are given. Own statements put in what they wrote; what others wrote is told by their
/// notices, and then read. Which worker really has the room, the offer's own statement decides.
/// </summary>
internal sealed class WorkerShelf
{
    private readonly Lock gate = new();
    private readonly Dictionary<WorkerId, Shelved> workers = [];
    private readonly Dictionary<string, PoolShelf> pools = new(StringComparer.Ordinal);
    private readonly HashSet<WorkerId> stale = [];
    private readonly Dictionary<WorkerId, DispatchException> broken = [];

    /// <summary>Whether nothing was read yet, or so much was missed that all must be read again.</summary>
    private bool allStale = true;

    private bool counted;

    public IReadOnlyList<StoredWorkerState> Known(IReadOnlyCollection<WorkerId> wanted)
    {
        lock (gate) return [.. wanted.Where(workers.ContainsKey).Select(worker => workers[worker].State)];
    }

    /// <summary>A worker of which nothing is known to have changed.</summary>
    public StoredWorkerState? KnownFresh(WorkerId worker)
    {
        lock (gate) return !stale.Contains(worker) && workers.TryGetValue(worker, out var have) ? have.State : null;
    }

    public IReadOnlyList<StoredWorkerState> All()
    {
        lock (gate) return [.. workers.Values.Select(one => one.State)];
    }

    /// <summary>Workers whose rows could not be read, with why, by id.</summary>
    public IReadOnlyList<KeyValuePair<WorkerId, DispatchException>> Unreadable()
    {
        lock (gate) return [.. broken.OrderBy(pair => pair.Key.Value, StringComparer.Ordinal)];
    }

    /// <summary>Whether nothing must be read before the views are right.</summary>
    public bool Fresh
    {
        get
        {
            lock (gate) return !allStale && stale.Count == 0;
        }
    }

    /// <summary>What must be read before the views are right: null is everything. Who takes it reads it, or says that all was missed.</summary>
    public IReadOnlyList<WorkerId>? TakeStale()
    {
        lock (gate)
        {
            WorkerId[]? taken = allStale ? null : [.. stale];
            allStale = false;
            stale.Clear();
            return taken;
        }
    }

    public void MissAll()
    {
        lock (gate) allStale = true;
    }

    public void Miss(WorkerId worker)
    {
        lock (gate) stale.Add(worker);
    }

    /// <summary>Puts in what was read or written. An older version than is there changes nothing.</summary>
    /// <returns>Whether it was news.</returns>
    public bool Put(StoredWorkerState state, CandidateView view)
    {
        lock (gate)
        {
            var worker = state.Row.Worker;
            if (workers.TryGetValue(worker, out var have) && have.State.Version >= state.Version) return false;
            workers[worker] = new(state, view);
            stale.Remove(worker);
            Of(state.Row.Pool).Views = null;
            if (have is not null && have.State.Row.Pool != state.Row.Pool) Of(have.State.Row.Pool).Views = null;
            return true;
        }
    }

    /// <summary>All workers were looked at: who was not there is gone.</summary>
    /// <param name="there">Who was.</param>
    /// <param name="looked">Who was looked for; null is everybody.</param>
    /// <param name="unreadable">Who was there and could not be read.</param>
    public void Looked(IReadOnlySet<WorkerId> there, IReadOnlyCollection<WorkerId>? looked, IReadOnlyDictionary<WorkerId, DispatchException> unreadable)
    {
        lock (gate)
        {
            foreach (var mended in looked ?? broken.Keys.ToArray()) broken.Remove(mended);
            foreach (var (worker, why) in unreadable) broken[worker] = why;
            foreach (var gone in (looked ?? workers.Keys.ToArray()).Where(worker => !there.Contains(worker)))
            {
                if (workers.Remove(gone, out var was)) Of(was.State.Row.Pool).Views = null;
            }
        }
    }

    public void Drop(WorkerId worker)
    {
        lock (gate)
        {
            if (workers.Remove(worker, out var was)) Of(was.State.Row.Pool).Views = null;
            stale.Add(worker);
        }
    }

    /// <summary>A pool's version, views and waiting.</summary>
    public (long Version, IReadOnlyList<CandidateView> Views, int Waiting) Pool(string pool)
    {
        lock (gate)
        {
            var shelf = Of(pool);
            shelf.Views ??= [.. workers.Values.Where(one => one.State.Row.Pool == pool).Select(one => one.View).OrderBy(view => view.Worker.Value, StringComparer.Ordinal)];
            return (shelf.Version, shelf.Views, (int)Math.Max(0, shelf.Waiting));
        }
    }

    public void CapacityAppeared(string pool)
    {
        lock (gate) Of(pool).Version++;
    }

    public void Joined(string pool, int change)
    {
        lock (gate) Of(pool).Waiting += change;
    }

    /// <summary>How many wait in a pool's queue, as far as is heard; null where nobody has counted, or nothing is heard.</summary>
    public long? Waiting(string pool)
    {
        lock (gate) return counted ? Of(pool).Waiting : null;
    }

    /// <summary>Nothing is heard of other processes until the queues are counted again.</summary>
    public void Deaf()
    {
        lock (gate)
        {
            allStale = true;
            counted = false;
        }
    }

    public void Counted(IReadOnlyDictionary<string, long> waiting)
    {
        lock (gate)
        {
            counted = true;
            foreach (var pool in waiting.Keys) Of(pool);
            foreach (var (name, shelf) in pools) shelf.Waiting = waiting.GetValueOrDefault(name);
        }
    }

    private PoolShelf Of(string pool)
    {
        if (!pools.TryGetValue(pool, out var shelf)) pools[pool] = shelf = new PoolShelf();
        return shelf;
    }

    private sealed record Shelved(StoredWorkerState State, CandidateView View);

    private sealed class PoolShelf
    {
        public long Version { get; set; } = 1;

        public long Waiting { get; set; }

        public CandidateView[]? Views { get; set; }
    }
}
