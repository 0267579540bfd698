namespace Dispatch.Routing.Filters;

/// <summary>Every constraint of the job holds for the worker's labels.</summary>
internal sealed class ConstraintFilter : IFilter
{
    public string Name => "constraints";

    public bool Admits(RoutingRequest request, CandidateView candidate)
    {
        foreach (var rule in request.Job.Constraints)
        {
            if (!rule.Holds(candidate.Labels)) return false;
        }

        return true;
    }

    public string Refusal(RoutingRequest request, CandidateView candidate) =>
        string.Join("; ", request.Job.Constraints.Where(rule => !rule.Holds(candidate.Labels)).Select(rule => rule.Refusal(candidate.Labels)));
}
