namespace Dispatch.Routing.Scorers;

/// <summary>The fewer leases, whatever their size, the better.</summary>
internal sealed class SpreadScorer : IScorer
{
    public string Name => "spread";

    public double Score(RoutingRequest request, CandidateView candidate) => 1.0 / (1 + candidate.Leases);
}
