using Dispatch.Routing.Scorers;

namespace Dispatch.Routing.Policies;

/// <summary>Any worker with equal chance, among those the job prefers most.</summary>
internal sealed class RandomPolicy : IRoutingPolicy
{
    public string Name => "random";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = [BuiltInScorers.Preferences];

    public bool PicksAmongBest => true;

    public int Pick(in Contest contest)
    {
        var draw = new SeededDraw(contest.Request.Seed);
        var picked = -1;
        var seen = 0;
        for (var i = 0; i < contest.Count; i++)
        {
            if (contest.Admits(i) && draw.Below(++seen) == 0) picked = i;
        }

        return picked;
    }
}
