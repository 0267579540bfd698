using Dispatch.Routing.Scorers;

namespace Dispatch.Routing.Policies;

/// <summary>The first worker by id, among those the job prefers most.</summary>
internal sealed class FirstFitPolicy : IRoutingPolicy
{
    public string Name => "first-fit";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = [BuiltInScorers.Preferences];

    public bool PicksAmongBest => true;

    public int Pick(in Contest contest)
    {
        for (var i = 0; i < contest.Count; i++)
        {
            if (contest.Admits(i)) return i;
        }

        return -1;
    }
}
