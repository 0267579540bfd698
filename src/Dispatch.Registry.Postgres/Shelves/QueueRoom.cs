using Dispatch.Registry.Pools;

namespace Dispatch.Registry.Postgres.Shelves;

/// <summary>
/// Whether a pool's queue is so far from its limit that a newcomer may join without counting: the number that this process remembers may be late by what others did in the
/// last seconds. Nearer to the limit processes take turns and count, so that it is exact.
/// </summary>
internal sealed class QueueRoom(PoolSet pools, WorkerShelf workers)
{
    /// <summary>What others may add unheard: a notice that was lost is made good by the next poll.</summary>
    private const int UnheardMin = 1000;

    private const int UnheardPart = 10;

    /// <summary>How many wait, where that is far from the limit.</summary>
    /// <returns>The number; null where it must be counted.</returns>
    public long? FarFromFull(string pool)
    {
        var most = LimitOf(pool);
        return workers.Waiting(pool) is { } waiting && waiting + Math.Max(UnheardMin, most / UnheardPart) < most ? waiting : null;
    }

    /// <summary>How many may wait; a pool that is not there takes none.</summary>
    public int LimitOf(string pool) => pools.Find(pool)?.WaitingMax ?? 0;
}
