using Dispatch.Contracts.Placing;

namespace Dispatch.Routing;

/// <summary>A router's answer.</summary>
/// <param name="Chosen">The chosen worker, one of the candidates; null is none.</param>
/// <param name="Explanation">Why, where it was asked for.</param>
public sealed record RoutingResult(CandidateView? Chosen, PlacementExplanation? Explanation = null)
{
    /// <summary>None, unexplained.</summary>
    public static RoutingResult None { get; } = new(Chosen: null);
}
