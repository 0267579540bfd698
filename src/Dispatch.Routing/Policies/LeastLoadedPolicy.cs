using Dispatch.Routing.Scorers;

namespace Dispatch.Routing.Policies;

/// <summary>The worker that is emptiest once it has the job.</summary>
internal sealed class LeastLoadedPolicy : IRoutingPolicy
{
    public string Name => "least-loaded";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = [BuiltInScorers.Load, BuiltInScorers.Preferences, BuiltInScorers.Image];

    public bool PicksAmongBest => false;

    public int Pick(in Contest contest) => contest.BestScored();
}
