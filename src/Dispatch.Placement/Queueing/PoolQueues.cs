using System.Collections.Frozen;
using Dispatch.Placement.Routers;
using Dispatch.Registry.Pools;

namespace Dispatch.Placement.Queueing;

/// <summary>The queues of all pools.</summary>
internal sealed class PoolQueues(PoolSet pools, RouterSet routers, PlacementOptions options)
{
    private readonly FrozenDictionary<string, PoolQueue> byName =
        pools.All.ToFrozenDictionary(pool => pool.Name, pool => new PoolQueue(pool, routers.Of(pool.Name), options), StringComparer.Ordinal);

    public IEnumerable<PoolQueue> All => byName.Values;

    public PoolSet Pools => pools;

    public PoolQueue? Find(string name) => byName.GetValueOrDefault(name);
}
