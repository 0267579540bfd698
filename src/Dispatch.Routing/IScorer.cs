namespace Dispatch.Routing;

/// <summary>Ranks workers that no filter refused. Pure, called once for each admitted candidate: it allocates nothing.</summary>
public interface IScorer
{
    /// <summary>The name explanations refer to, such as <c>load</c>.</summary>
    string Name { get; }

    /// <summary>How well the worker suits the job.</summary>
    /// <param name="request">The question.</param>
    /// <param name="candidate">The worker.</param>
    /// <returns>−1 to 1; more is better.</returns>
    double Score(RoutingRequest request, CandidateView candidate);
}

/// <summary>A scorer and how much it counts.</summary>
/// <param name="Scorer">The scorer.</param>
/// <param name="Weight">What its score is multiplied by.</param>
public sealed record WeightedScorer(IScorer Scorer, double Weight);
