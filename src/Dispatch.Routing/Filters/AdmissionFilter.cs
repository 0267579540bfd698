namespace Dispatch.Routing.Filters;

/// <summary>Only workers of the job's pool. (What the pool itself allows is checked before anything is routed.)</summary>
internal sealed class AdmissionFilter : IFilter
{
    public string Name => "admission";

    public bool Admits(RoutingRequest request, CandidateView candidate) => string.Equals(request.Job.Pool, candidate.Pool, StringComparison.Ordinal);

    public string Refusal(RoutingRequest request, CandidateView candidate) => $"is in pool {candidate.Pool}, the job in pool {request.Job.Pool}";
}
