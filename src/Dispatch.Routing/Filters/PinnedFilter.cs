namespace Dispatch.Routing.Filters;

/// <summary>A pinned job goes to its worker or nowhere.</summary>
internal sealed class PinnedFilter : IFilter
{
    public string Name => "pinned";

    public bool Admits(RoutingRequest request, CandidateView candidate) => request.Job.Pinned is not { } worker || worker == candidate.Worker;

    public string Refusal(RoutingRequest request, CandidateView candidate) => $"the job is pinned to {request.Job.Pinned}";
}
