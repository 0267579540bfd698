namespace Dispatch.Routing.Scorers;

/// <summary>The fuller, the better.</summary>
internal sealed class PackScorer : IScorer
{
    public string Name => "pack";

    public double Score(RoutingRequest request, CandidateView candidate) => Share.After(request, candidate);
}
