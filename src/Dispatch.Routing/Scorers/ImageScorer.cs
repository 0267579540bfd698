namespace Dispatch.Routing.Scorers;

/// <summary>A host that has the image need not fetch it.</summary>
internal sealed class ImageScorer : IScorer
{
    public string Name => "image";

    public double Score(RoutingRequest request, CandidateView candidate) => request.Job.Image is { } image && candidate.Images.Contains(image) ? 1 : 0;
}
