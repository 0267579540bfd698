using Dispatch.Contracts.Workers;

namespace Dispatch.Routing.Filters;

/// <summary>Only workers that are ready, were heard lately and have said what they have.</summary>
internal sealed class StateFilter : IFilter
{
    public string Name => "state";

    public bool Admits(RoutingRequest request, CandidateView candidate) => candidate is { State: WorkerState.Ready, Silent: false, Stated: true };

    public string Refusal(RoutingRequest request, CandidateView candidate) => candidate.State switch
    {
        WorkerState.Ready when candidate.Silent => "not heard for half a lease; no new work until it renews",
        WorkerState.Ready => "has not said what it has since it registered",
        WorkerState.NotReady or WorkerState.Starting when candidate.Unmet.Length > 0 => $"{Word(candidate.State)}: {string.Join("; ", candidate.Unmet)}",
        _ => Word(candidate.State),
    };

    private static string Word(WorkerState state) => state switch
    {
        WorkerState.Starting => "starting",
        WorkerState.NotReady => "not ready",
        WorkerState.Draining => "draining",
        WorkerState.Stopped => "stopped",
        WorkerState.Quarantined => "quarantined",
        WorkerState.Lost => "lost: silent for longer than a lease",
        _ => state.ToString(),
    };
}
