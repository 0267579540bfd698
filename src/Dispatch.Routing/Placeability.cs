using Dispatch.Routing.Filters;

namespace Dispatch.Routing;

/// <summary>What the built-in rules say of a job whatever is free now.</summary>
public static class Placeability
{
    /// <summary>Whether any worker could take the job if it were idle and ready.</summary>
    /// <param name="request">The question.</param>
    /// <returns>True where one could.</returns>
    public static bool FitsSomewhere(RoutingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Candidates.Any(candidate => FilterChain.BuiltIn.CouldEver(request, candidate));
    }

    /// <summary>The worker where the job will fit first: one that is at work, could take it, and lacks least.</summary>
    /// <param name="request">The question; its reservations count as taken.</param>
    /// <returns>The worker, or null where none could ever.</returns>
    public static CandidateView? NearestFit(RoutingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CandidateView? nearest = null;
        var least = double.PositiveInfinity;
        foreach (var candidate in request.Candidates)
        {
            if (!FilterChain.BuiltIn.MayBecomeFree(request, candidate)) continue;
            if (request.Reservations.Any(one => one.Worker == candidate.Worker && one.Holder != request.Job.Job)) continue;
            var missing = AmountText.Missing(request.Job.Needs, candidate.Free);
            if (missing < least) (nearest, least) = (candidate, missing);
        }

        return nearest;
    }
}
