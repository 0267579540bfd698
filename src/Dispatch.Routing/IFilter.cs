namespace Dispatch.Routing;

/// <summary>Refuses workers that may not have a job. Pure, called once for each candidate of each decision: it allocates nothing while it admits.</summary>
public interface IFilter
{
    /// <summary>The name explanations refer to, such as <c>capacity</c>.</summary>
    string Name { get; }

    /// <summary>Whether the worker may have the job.</summary>
    /// <param name="request">The question.</param>
    /// <param name="candidate">The worker.</param>
    /// <returns>False where it may not.</returns>
    bool Admits(RoutingRequest request, CandidateView candidate);

    /// <summary>Why a worker that was refused was refused.</summary>
    /// <param name="request">The question.</param>
    /// <param name="candidate">The worker.</param>
    /// <returns>One sentence with the numbers or the value.</returns>
    string Refusal(RoutingRequest request, CandidateView candidate);
}
