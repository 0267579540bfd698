namespace Dispatch.Routing.Scorers;

/// <summary>The emptier, the better.</summary>
internal sealed class LoadScorer : IScorer
{
    public string Name => "load";

    public double Score(RoutingRequest request, CandidateView candidate) => 1 - Share.After(request, candidate);
}
