namespace Dispatch.Routing.Filters;

/// <summary>All that the job needs is free.</summary>
internal sealed class CapacityFilter : IFilter
{
    public string Name => "capacity";

    public bool Admits(RoutingRequest request, CandidateView candidate) => candidate.Free.Covers(request.Job.Needs);

    public string Refusal(RoutingRequest request, CandidateView candidate) => AmountText.Shortfalls(request.Job.Needs, candidate.Free, candidate.Total);
}
