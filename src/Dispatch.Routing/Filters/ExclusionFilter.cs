using Dispatch.Contracts.Placing;

namespace Dispatch.Routing.Filters;

/// <summary>Not the workers, in that incarnation, that an earlier attempt ended on.</summary>
internal sealed class ExclusionFilter : IFilter
{
    public string Name => "exclusion";

    public bool Admits(RoutingRequest request, CandidateView candidate) => Find(request, candidate) is null;

    public string Refusal(RoutingRequest request, CandidateView candidate) =>
        $"excluded in incarnation {candidate.Incarnation} after an earlier attempt: {Find(request, candidate)?.Cause}";

    private static ExcludedWorker? Find(RoutingRequest request, CandidateView candidate)
    {
        for (var i = 0; i < request.Excluded.Count; i++)
        {
            var one = request.Excluded[i];
            if (one.Incarnation == candidate.Incarnation && one.Worker == candidate.Worker) return one;
        }

        return null;
    }
}
