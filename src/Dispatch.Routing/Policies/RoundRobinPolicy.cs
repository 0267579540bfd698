using Dispatch.Routing.Scorers;

namespace Dispatch.Routing.Policies;

/// <summary>Workers in turn, by id, among those the job prefers most.</summary>
internal sealed class RoundRobinPolicy : IRoutingPolicy
{
    public string Name => "round-robin";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = [BuiltInScorers.Preferences];

    public bool PicksAmongBest => true;

    public int Pick(in Contest contest)
    {
        if (contest.Count == 0) return -1;
        var start = (int)((ulong)contest.Request.Turn % (ulong)contest.Count);
        for (var step = 0; step < contest.Count; step++)
        {
            var index = (start + step) % contest.Count;
            if (contest.Admits(index)) return index;
        }

        return -1;
    }
}
