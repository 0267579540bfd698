using Dispatch.Routing.Scorers;

namespace Dispatch.Routing.Policies;

/// <summary>The worker that is fullest once it has the job, so that others stay empty.</summary>
internal sealed class BinPackPolicy : IRoutingPolicy
{
    public string Name => "bin-pack";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = [BuiltInScorers.Pack, BuiltInScorers.Preferences, BuiltInScorers.Image];

    public bool PicksAmongBest => false;

    public int Pick(in Contest contest) => contest.BestScored();
}
