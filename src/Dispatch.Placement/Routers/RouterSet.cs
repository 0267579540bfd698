using System.Collections.Frozen;
using Dispatch.Registry.Pools;
using Dispatch.Routing;
using Dispatch.Routing.Guarding;
using Dispatch.Routing.Policies;

namespace Dispatch.Placement.Routers;

/// <summary>The router of each pool, made once: a built-in policy with the pool's filters and scorers, or a router registered in code.</summary>
internal sealed class RouterSet
{
    private readonly FrozenDictionary<string, GuardedRouter> byPool;

    public RouterSet(PoolSet pools, IEnumerable<IRouter> routers, IEnumerable<IFilter> filters, IEnumerable<IScorer> scorers, TimeProvider time)
    {
        var routersByName = routers.ToDictionary(router => router.Name, StringComparer.Ordinal);
        var filtersByName = filters.ToDictionary(filter => filter.Name, StringComparer.Ordinal);
        var scorersByName = scorers.ToDictionary(scorer => scorer.Name, StringComparer.Ordinal);
        var taken = routersByName.Keys.FirstOrDefault(name => RoutingPolicies.Names.Contains(name));
        if (taken is not null) throw new ArgumentException($"A router named \"{taken}\" is registered, which is a built-in policy; give it another name.", nameof(routers));
        byPool = pools.All.ToFrozenDictionary(pool => pool.Name, Make, StringComparer.Ordinal);

        GuardedRouter Make(PoolOptions pool)
        {
            if (routersByName.TryGetValue(pool.Router, out var own)) return new GuardedRouter(own, time);
            var added = pool.Filters.Select(name => Named(filtersByName, name, pool, "filter")).ToArray();
            var weighted = pool.Scorers.Select(pair => new WeightedScorer(Named(scorersByName, pair.Key, pool, "scorer"), pair.Value)).ToArray();
            var router = RoutingPolicies.Create(pool.Router, added, weighted) ?? throw new ArgumentException(
                $"Pool {pool.Name} names router \"{pool.Router}\", which does not exist. There are: {string.Join(", ", RoutingPolicies.Names.Concat(routersByName.Keys))}.");
            return new GuardedRouter(router, time, trusted: added.Length == 0 && weighted.Length == 0);
        }
    }

    public GuardedRouter Of(string pool) => byPool[pool];

    private static T Named<T>(Dictionary<string, T> registered, string name, PoolOptions pool, string what) =>
        registered.TryGetValue(name, out var found) ? found : throw new ArgumentException(
            $"Pool {pool.Name} names {what} \"{name}\", which is not registered. Registered are: {(registered.Count == 0 ? "none" : string.Join(", ", registered.Keys))}.");
}
