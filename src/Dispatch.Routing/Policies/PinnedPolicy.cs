namespace Dispatch.Routing.Policies;

/// <summary>Only jobs that name their worker, and only there.</summary>
internal sealed class PinnedPolicy : IRoutingPolicy
{
    public string Name => "pinned";

    public int Version => 1;

    public IReadOnlyList<WeightedScorer> Scorers => [];

    public IReadOnlyList<IFilter> Filters { get; } = [new NamesAWorker()];

    public bool PicksAmongBest => false;

    public int Pick(in Contest contest) => contest.BestScored();

    private sealed class NamesAWorker : IFilter
    {
        public string Name => "pinned";

        public bool Admits(RoutingRequest request, CandidateView candidate) => request.Job.Pinned is not null;

        public string Refusal(RoutingRequest request, CandidateView candidate) =>
            "the pool's policy is pinned and the job names no worker; set field worker";
    }
}
