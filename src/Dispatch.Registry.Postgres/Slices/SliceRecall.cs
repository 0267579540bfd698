using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Shelves;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>The rows of a batch as this process remembers them, without asking the database.</summary>
internal sealed class SliceRecall(JobShelf jobs, WorkerShelf workers, NewcomerStock stock, QueueRoom room)
{
    /// <summary>How long nothing is tried from memory after a row was found to be another's: somebody else works on the same rows.</summary>
    private static readonly TimeSpan PauseAfterMiss = TimeSpan.FromMilliseconds(200);

    private long notBefore;

    /// <summary>Somebody else has changed what was remembered.</summary>
    public void Missed() => Volatile.Write(ref notBefore, Environment.TickCount64 + (long)PauseAfterMiss.TotalMilliseconds);

    /// <summary>Finds all rows, or none.</summary>
    /// <param name="keys">Which rows.</param>
    /// <returns>The rows, newcomers as not there; null where one is not remembered, or is known to have changed.</returns>
    public Slice? Find(SliceKeys keys)
    {
        if (keys.NewWorker || Environment.TickCount64 < Volatile.Read(ref notBefore)) return null;
        var slice = new Slice { Remembered = true };
        foreach (var worker in keys.Workers.Concat(keys.Whole))
        {
            if (workers.KnownFresh(worker) is not { } state) return null;
            slice.Workers[worker] = state;
            if (!keys.Whole.Contains(worker)) continue;
            foreach (var job in state.Leases.Values)
            {
                if (jobs.Known(job) is not { } held) return null;
                slice.Jobs[job] = held;
            }
        }

        foreach (var job in keys.Jobs)
        {
            var state = jobs.Known(job);
            if (state is null && !keys.Newcomers.Contains(job)) return null;
            slice.Newcomers |= state is null;
            slice.Jobs[job] = state;
        }

        foreach (var pool in keys.Pools)
        {
            if (room.FarFromFull(pool) is not { } waiting) return null;
            slice.Waiting[pool] = waiting;
        }

        foreach (var lease in keys.Leases)
        {
            // Of a lease that is nobody's present one, only the database knows.
            if (jobs.Known([], [lease]) is not [var state] || state.State.RowOf(lease) is not { Grant: { } grant } row) return null;
            slice.Jobs[row.Job] = state;
            slice.Leases[lease] = new StoredLease(lease, row.Job, grant.Worker, grant.Needs, null);
        }

        if (keys.Numbers == 0) return slice;
        if (stock.Take(keys.Numbers) is not { } drawn) return null;
        (slice.Numbers, slice.FenceFloor) = drawn;
        return slice;
    }
}
