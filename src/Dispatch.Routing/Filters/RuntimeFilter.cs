namespace Dispatch.Routing.Filters;

/// <summary>An image needs a container runtime, a process the process runtime.</summary>
internal sealed class RuntimeFilter : IFilter
{
    public string Name => "runtime";

    public bool Admits(RoutingRequest request, CandidateView candidate)
    {
        foreach (var wanted in request.Job.Runtimes)
        {
            foreach (var present in candidate.Runtimes)
            {
                if (string.Equals(wanted, present, StringComparison.Ordinal)) return true;
            }
        }

        return false;
    }

    public string Refusal(RoutingRequest request, CandidateView candidate) =>
        $"needs runtime {string.Join(" or ", request.Job.Runtimes)}, has {(candidate.Runtimes.IsEmpty ? "none" : string.Join(", ", candidate.Runtimes))}";
}
