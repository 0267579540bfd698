using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;

namespace Dispatch.Contracts.Placing;

/// <summary>What kind of answer it is.</summary>
public enum PlaceAnswerKind
{
    /// <summary>A worker is offered.</summary>
    Offered,

    /// <summary>No room, or an older lease still lives: wait for a nudge.</summary>
    Waiting,

    /// <summary>A worker holds the attempt.</summary>
    Held,

    /// <summary>The attempt ended: returned (with or without an outcome) or expired.</summary>
    Ended,

    /// <summary>The registry does not answer.</summary>
    Unavailable,

    /// <summary>The ask itself is refused for good (not admitted, a stale run); see <see cref="PlaceAnswer.Error"/>.</summary>
    Refused,
}

/// <summary>The answer to a <see cref="PlaceAsk"/>; it is recorded in history as it stands.</summary>
public sealed record PlaceAnswer
{
    /// <summary>The kind.</summary>
    public required PlaceAnswerKind Kind { get; init; }

    /// <summary>The attempt it speaks of; after a reset it may be later than the one asked for.</summary>
    public int Attempt { get; init; }

    /// <summary>Offered, held, ended: the worker.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public long? Incarnation { get; init; }

    /// <summary>The lease.</summary>
    public LeaseId? Lease { get; init; }

    /// <summary>The fence.</summary>
    public long? Fence { get; init; }

    /// <summary>Offered: router policy and version, as <c>least-loaded@1</c>.</summary>
    public string? Router { get; init; }

    /// <summary>The pool's time profile.</summary>
    public TimeProfile? Profile { get; init; }

    /// <summary>Held: since when it has been renewed.</summary>
    public DateTimeOffset? RenewedAt { get; init; }

    /// <summary>Ended: true where the lease expired, false where it was returned.</summary>
    public bool Expired { get; init; }

    /// <summary>Ended: the stored outcome, if any.</summary>
    public ContainerReport? Outcome { get; init; }

    /// <summary>Ended: the stored failure, if any.</summary>
    public ContainerFailure? Failure { get; init; }

    /// <summary>Waiting, unavailable, refused: why, in one sentence.</summary>
    public string? Why { get; init; }

    /// <summary>Refused: the code.</summary>
    public ErrorCode? Error { get; init; }

    /// <summary>Waiting or offered: the router's explanation.</summary>
    public PlacementExplanation? Explanation { get; init; }

    /// <summary>The version of the workflow host that asked, filled in by it; recorded so that a replay by a newer build says the same.</summary>
    public string? HostVersion { get; init; }
}
