using Dispatch.Contracts.Ids;
using Dispatch.Routing;

namespace Dispatch.Placement.Queueing;

/// <summary>Room that this placer has chosen for jobs whose offers are under way: those who choose meanwhile see it as taken, so that many at once do not crowd one worker.</summary>
internal sealed class ChosenRoom
{
    private readonly Lock gate = new();
    private readonly Dictionary<WorkerId, (int Jobs, Amounts Needs)> taken = [];

    /// <summary>Room is chosen, until it is let go: then the registry's own view shows whether it was given.</summary>
    public void Take(WorkerId worker, Amounts needs)
    {
        lock (gate)
        {
            var (jobs, before) = taken.GetValueOrDefault(worker, (0, Amounts.None));
            taken[worker] = (jobs + 1, before.Plus(needs));
        }
    }

    public void LetGo(WorkerId worker, Amounts needs)
    {
        lock (gate)
        {
            var (jobs, before) = taken[worker];
            if (jobs == 1) taken.Remove(worker);
            else taken[worker] = (jobs - 1, before.Minus(needs));
        }
    }

    /// <summary>Workers without the room that is chosen.</summary>
    public IReadOnlyList<CandidateView> Without(IReadOnlyList<CandidateView> candidates)
    {
        lock (gate)
        {
            if (taken.Count == 0) return candidates;
            return [.. candidates.Select(one => taken.TryGetValue(one.Worker, out var of)
                ? one with { Free = one.Free.Minus(of.Needs), Leases = one.Leases + of.Jobs, Buffered = one.Buffered + of.Jobs }
                : one)];
        }
    }
}
