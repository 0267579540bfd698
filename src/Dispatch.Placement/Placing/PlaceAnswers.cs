using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Placing;
using Dispatch.Registry.Leases;

namespace Dispatch.Placement.Placing;

/// <summary>What a row says to the workflow that asks.</summary>
internal static class PlaceAnswers
{
    public static PlaceAnswer Of(JobRow row, DateTimeOffset? renewedAt, bool final) => row.State switch
    {
        LeaseState.Waiting => Waiting(row, WaitsFor(row), explanation: null),
        LeaseState.Offered => OfGrant(row, PlaceAnswerKind.Offered) with { Router = row.Grant!.Router, Explanation = row.Grant.Explanation },
        LeaseState.Held => OfGrant(row, PlaceAnswerKind.Held) with { Router = row.Grant!.Router, RenewedAt = renewedAt },
        LeaseState.Expired when row.StillInherited => OfGrant(row, PlaceAnswerKind.Held) with { Router = row.Grant!.Router, RenewedAt = renewedAt },
        LeaseState.Expired => OfGrant(row, PlaceAnswerKind.Ended) with { Expired = true },
        _ when row.Grant is not null => OfGrant(row, PlaceAnswerKind.Ended) with { Outcome = row.Outcome, Failure = row.Failure },
        _ when final || row.Ended => new() { Kind = PlaceAnswerKind.Ended, Attempt = row.Attempt },
        _ => Refused(row.Attempt, ErrorCode.StaleLease, $"Job {row.Job} has left the queue: its run {row.RunId} was settled as ended."),
    };

    public static PlaceAnswer Waiting(JobRow row, string why, PlacementExplanation? explanation) =>
        new() { Kind = PlaceAnswerKind.Waiting, Attempt = row.Attempt, Why = why, Explanation = explanation };

    public static PlaceAnswer Unavailable(int attempt, string why) => new() { Kind = PlaceAnswerKind.Unavailable, Attempt = attempt, Why = why };

    public static PlaceAnswer Refused(int attempt, ErrorCode code, string why) => new() { Kind = PlaceAnswerKind.Refused, Attempt = attempt, Error = code, Why = why };

    public static string WaitsFor(JobRow row) => row switch
    {
        { BlockedBy: { } lease } => $"Waits until lease {lease} of an earlier conversation of the job is returned, or surely over.",
        { Paused: true } => "Held back: paused.",
        _ => "Waits for a worker.",
    };

    private static PlaceAnswer OfGrant(JobRow row, PlaceAnswerKind kind) => new()
    {
        Kind = kind,
        Attempt = row.Attempt,
        Worker = row.Grant!.Worker,
        Incarnation = row.Grant.Incarnation,
        Lease = row.Grant.Lease,
        Fence = row.Grant.Fence,
        Profile = row.Grant.Profile,
    };
}
