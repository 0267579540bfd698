using Dispatch.Routing.Filters;

namespace Dispatch.Routing.Policies;

/// <summary>One decision under way: the candidates, what admits them and what ranks them. Allocates nothing.</summary>
internal readonly ref struct Contest
{
    private readonly FilterChain chain;
    private readonly WeightedScorer[] scorers;
    private readonly double? bar;

    public Contest(RoutingRequest request, FilterChain chain, WeightedScorer[] scorers, bool amongBest)
    {
        Request = request;
        this.chain = chain;
        this.scorers = scorers;
        if (amongBest && scorers.Length > 0) bar = Highest();
    }

    public RoutingRequest Request { get; }

    public int Count => Request.Candidates.Count;

    /// <summary>Whether the candidate may be picked: no filter refuses it and, where only the best count, it is one of them.</summary>
    public bool Admits(int index)
    {
        var candidate = Request.Candidates[index];
        return chain.Admits(Request, candidate) && (bar is not { } least || Score(candidate) >= least);
    }

    public double Score(int index) => Score(Request.Candidates[index]);

    /// <summary>The best scored; of equals the one whose id comes first.</summary>
    public int BestScored()
    {
        var best = -1;
        var bestScore = double.NegativeInfinity;
        for (var i = 0; i < Count; i++)
        {
            var candidate = Request.Candidates[i];
            if (!chain.Admits(Request, candidate)) continue;
            var score = Score(candidate);
            if (score > bestScore || (score == bestScore && ComesBefore(candidate, Request.Candidates[best])))
            {
                best = i;
                bestScore = score;
            }
        }

        return best;
    }

    private static bool ComesBefore(CandidateView one, CandidateView other) => string.CompareOrdinal(one.Worker.Value, other.Worker.Value) < 0;

    private double Score(CandidateView candidate)
    {
        var sum = 0.0;
        foreach (var scorer in scorers) sum += scorer.Weight * scorer.Scorer.Score(Request, candidate);
        return sum;
    }

    private double Highest()
    {
        var highest = double.NegativeInfinity;
        for (var i = 0; i < Count; i++)
        {
            var candidate = Request.Candidates[i];
            if (chain.Admits(Request, candidate)) highest = Math.Max(highest, Score(candidate));
        }

        return highest;
    }
}
