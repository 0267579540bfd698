using System.Globalization;
using Dispatch.Contracts.Placing;
using Dispatch.Routing.Filters;

namespace Dispatch.Routing.Explaining;

/// <summary>Tells one decision: each candidate is chosen, refused by a filter, or scored; those beyond the limit are counted.</summary>
internal sealed class Explainer(RoutingRequest request, FilterChain chain, WeightedScorer[] scorers, string router)
{
    /// <summary>Explains.</summary>
    /// <param name="chosen">The chosen worker, if any.</param>
    /// <param name="lifted">Whether excluded workers were let in again because nothing else would do.</param>
    public PlacementExplanation Explain(CandidateView? chosen, bool lifted)
    {
        var judged = new Judged[request.Candidates.Count];
        for (var i = 0; i < judged.Length; i++) judged[i] = Judge(request.Candidates[i], chosen);
        Array.Sort(judged, static (one, other) => one.CompareTo(other));
        var told = judged.Take(PlacementExplanation.CandidatesMax).Select(Verdict).ToArray();
        var others = judged.Skip(told.Length).ToArray();
        return new()
        {
            Router = router,
            Considered = judged.Length,
            Chosen = chosen?.Worker,
            Candidates = told,
            OthersRefusedBy = others.Where(one => one.Refusal >= 0).GroupBy(one => chain.At(one.Refusal).Name)
                .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
            OthersScored = others.Count(one => one.Refusal < 0),
            Summary = Summary(judged, chosen, lifted),
        };
    }

    private Judged Judge(CandidateView candidate, CandidateView? chosen)
    {
        var refusal = chain.FirstRefusal(request, candidate);
        var score = refusal < 0 ? scorers.Sum(scorer => scorer.Weight * scorer.Scorer.Score(request, candidate)) : 0;
        var missing = refusal < 0 ? 0 : AmountText.Missing(request.Job.Needs, candidate.Free);
        return new(candidate, ReferenceEquals(candidate, chosen), refusal, score, missing);
    }

    private CandidateVerdict Verdict(Judged one) => one.Refusal >= 0
        ? new(one.Candidate.Worker, one.Candidate.Incarnation, chain.At(one.Refusal).Name, chain.At(one.Refusal).Refusal(request, one.Candidate), null, null)
        : new(one.Candidate.Worker, one.Candidate.Incarnation, null, null, Math.Round(one.Score, 4), scorers.Length == 0 ? null : Parts(one.Candidate));

    private Dictionary<string, double> Parts(CandidateView candidate)
    {
        var parts = new Dictionary<string, double>(scorers.Length, StringComparer.Ordinal);
        foreach (var scorer in scorers) parts[scorer.Scorer.Name] = Math.Round(scorer.Weight * scorer.Scorer.Score(request, candidate), 4);
        return parts;
    }

    private string Summary(Judged[] judged, CandidateView? chosen, bool lifted)
    {
        if (chosen is not null)
        {
            var eligible = judged.Count(one => one.Refusal < 0);
            var text = string.Create(CultureInfo.InvariantCulture, $"{chosen.Worker} was chosen among {eligible} of {judged.Length} workers that can take the job");
            return lifted ? text + "; workers excluded after earlier attempts were let in again, as nothing else would do." : text + ".";
        }

        if (judged.Length == 0) return $"No worker is registered in pool {request.Job.Pool}.";
        var nearest = judged[0];
        var filter = chain.At(nearest.Refusal);
        return string.Create(CultureInfo.InvariantCulture,
            $"None of {judged.Length} workers can take the job now; the nearest is {nearest.Candidate.Worker}, refused by {filter.Name}: {filter.Refusal(request, nearest.Candidate)}.");
    }

    private readonly record struct Judged(CandidateView Candidate, bool Chosen, int Refusal, double Score, double Missing)
    {
        /// <summary>The chosen first, then by score, then those refused: later in the chain is nearer, then whoever lacks least.</summary>
        public int CompareTo(Judged other)
        {
            if (Chosen != other.Chosen) return Chosen ? -1 : 1;
            if (Refusal < 0 != other.Refusal < 0) return Refusal < 0 ? -1 : 1;
            var order = Refusal < 0 ? other.Score.CompareTo(Score) : other.Refusal.CompareTo(Refusal);
            if (order == 0) order = Missing.CompareTo(other.Missing);
            return order != 0 ? order : string.CompareOrdinal(Candidate.Worker.Value, other.Candidate.Worker.Value);
        }
    }
}
