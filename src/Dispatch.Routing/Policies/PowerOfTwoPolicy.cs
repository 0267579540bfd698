using Dispatch.Routing.Scorers;

namespace Dispatch.Routing.Policies;

/// <summary>Of two workers drawn at random, among those the job prefers most, the emptier one.</summary>
internal sealed class PowerOfTwoPolicy : IRoutingPolicy
{
    public string Name => "power-of-two";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = [BuiltInScorers.Preferences];

    public bool PicksAmongBest => true;

    public int Pick(in Contest contest)
    {
        var draw = new SeededDraw(contest.Request.Seed);
        int first = -1, second = -1, seen = 0;
        for (var i = 0; i < contest.Count; i++)
        {
            if (!contest.Admits(i)) continue;
            seen++;
            if (first < 0) first = i;
            else if (second < 0) second = i;
            else
            {
                // A sample of two that is fair however many there are.
                var place = draw.Below(seen);
                if (place == 0) first = i;
                else if (place == 1) second = i;
            }
        }

        if (second < 0) return first;
        var candidates = contest.Request.Candidates;
        var (one, other) = (Share.After(contest.Request, candidates[first]), Share.After(contest.Request, candidates[second]));
        return other < one || (other == one && second < first) ? second : first;
    }
}
