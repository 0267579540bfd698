using Dispatch.Contracts.Placing;
using Dispatch.Routing.Explaining;
using Dispatch.Routing.Filters;

namespace Dispatch.Routing.Policies;

/// <summary>The router of one policy: filters always before scores, so that no score can break a rule.</summary>
internal sealed class PolicyRouter : IRouter
{
    private readonly IRoutingPolicy policy;
    private readonly FilterChain chain;
    private readonly WeightedScorer[] scorers;
    private readonly WeightedScorer[] scorersWithoutPreferences;

    public PolicyRouter(IRoutingPolicy policy, IReadOnlyList<IFilter> filters, IReadOnlyList<WeightedScorer> added)
    {
        this.policy = policy;
        chain = new FilterChain(policy.Filters.Concat(filters));
        scorers = [.. policy.Scorers, .. added];
        scorersWithoutPreferences = [.. scorers.Where(scorer => scorer != Scorers.BuiltInScorers.Preferences)];
    }

    public string Name => policy.Name;

    public int Version => policy.Version;

    public RoutingResult Route(RoutingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var asked = request;
        var chosen = Pick(asked);
        if (chosen < 0 && request.Excluded.Count > 0) (asked, chosen) = PickWithExclusionsLifted(request);
        var view = chosen < 0 ? null : request.Candidates[chosen];
        return request.Explain
            ? new RoutingResult(view, new Explainer(asked, chain, scorers, $"{Name}@{Version}").Explain(view, lifted: !ReferenceEquals(asked, request)))
            : view is null ? RoutingResult.None : new RoutingResult(view);
    }

    private int Pick(RoutingRequest request)
    {
        var ranking = request.Job.Preferences.IsEmpty ? scorersWithoutPreferences : scorers;
        return policy.Pick(new Contest(request, chain, ranking, policy.PicksAmongBest));
    }

    /// <summary>
    /// A retry only prefers other workers. Those that were cut off are offered again when no other worker could take the job even later, the others as soon as no other worker has room.
    /// </summary>
    private (RoutingRequest Asked, int Chosen) PickWithExclusionsLifted(RoutingRequest request)
    {
        var cutOff = request.Excluded.Where(one => ExclusionCauses.CutOff(one.Cause)).ToArray();
        if (cutOff.Length < request.Excluded.Count)
        {
            var some = request with { Excluded = cutOff };
            var chosen = Pick(some);
            if (chosen >= 0) return (some, chosen);
        }

        if (cutOff.Length > 0 && !AnotherMayBecomeFree(request))
        {
            var none = request with { Excluded = Array.Empty<ExcludedWorker>() };
            var chosen = Pick(none);
            if (chosen >= 0) return (none, chosen);
        }

        return (request, -1);
    }

    private bool AnotherMayBecomeFree(RoutingRequest request)
    {
        for (var i = 0; i < request.Candidates.Count; i++)
        {
            if (chain.MayBecomeFree(request, request.Candidates[i])) return true;
        }

        return false;
    }
}
