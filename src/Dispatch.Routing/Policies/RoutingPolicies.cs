using System.Collections.Frozen;

namespace Dispatch.Routing.Policies;

/// <summary>The built-in policies by name.</summary>
public static class RoutingPolicies
{
    /// <summary>The policy of a pool that names none.</summary>
    public const string Default = "least-loaded";

    private static readonly FrozenDictionary<string, IRoutingPolicy> ByName = new IRoutingPolicy[]
    {
        new LeastLoadedPolicy(), new BinPackPolicy(), new SpreadPolicy(), new RoundRobinPolicy(),
        new FirstFitPolicy(), new RandomPolicy(), new PowerOfTwoPolicy(), new PinnedPolicy(),
    }.ToFrozenDictionary(policy => policy.Name, StringComparer.Ordinal);

    /// <summary>Their names, in ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Makes the router of a policy.</summary>
    /// <param name="name">The policy's name.</param>
    /// <param name="filters">Filters beside the built-in ones.</param>
    /// <param name="scorers">Scorers beside the policy's own.</param>
    /// <returns>The router; null for a name that no built-in policy has.</returns>
    public static IRouter? Create(string name, IReadOnlyList<IFilter>? filters = null, IReadOnlyList<WeightedScorer>? scorers = null) =>
        ByName.TryGetValue(name, out var policy) ? new PolicyRouter(policy, filters ?? [], scorers ?? []) : null;
}
