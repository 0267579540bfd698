using Dispatch.Routing.Scorers;

namespace Dispatch.Routing.Policies;

/// <summary>The worker with the fewest leases, whatever their size.</summary>
internal sealed class SpreadPolicy : IRoutingPolicy
{
    public string Name => "spread";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = [BuiltInScorers.Spread, BuiltInScorers.Preferences, BuiltInScorers.Image];

    public bool PicksAmongBest => false;

    public int Pick(in Contest contest) => contest.BestScored();
}
