using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Routing;

namespace Dispatch.Registry.Leases;

/// <summary>A workflow's ask, with what the placer has read from its spec.</summary>
/// <param name="Ask">The ask.</param>
/// <param name="Facts">What routing knows of the job.</param>
/// <param name="Shape">Its group of waiting jobs.</param>
public sealed record AskStatement(PlaceAsk Ask, JobFacts Facts, string Shape)
{
    /// <summary>The offer to be made in the same statement where the job waits after its ask, whatever revision it has then: its router was asked before. Null leaves it in the queue.</summary>
    public OfferStatement? AtOnce { get; init; }
}

/// <summary>What an ask came to.</summary>
public enum AskKind
{
    /// <summary>The row says the answer.</summary>
    Row,

    /// <summary>The run is not the one that may ask: see with Temporal whether it is the current one, and adopt it.</summary>
    RunUnknown,

    /// <summary>The run is an older one and may not ask any more.</summary>
    StaleRun,

    /// <summary>The pool's queue is full.</summary>
    QueueFull,
}

/// <summary>The answer to an <see cref="AskStatement"/>.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Row">The conversation's row, where there is one.</param>
/// <param name="CurrentRun">Run unknown: the run that may ask now, for <see cref="RunAdoption.Expected"/>.</param>
/// <param name="RenewedAt">Held: when its worker was last heard, UTC.</param>
public sealed record AskOutcome(AskKind Kind, JobRow? Row = null, string? CurrentRun = null, DateTimeOffset? RenewedAt = null);

/// <summary>A run that Temporal says is the current one takes over its job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Conversation">The run's conversation.</param>
/// <param name="RunId">The run.</param>
/// <param name="Expected">The run that might ask when Temporal was asked; where another has taken over since, nothing changes.</param>
public sealed record RunAdoption(JobId Job, ConversationId Conversation, string RunId, string Expected);

/// <summary>A worker is offered to a waiting job. Conditional: the job still waits as it was routed, and the worker has the room.</summary>
public sealed record OfferStatement
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The row's revision that was routed.</summary>
    public required int Revision { get; init; }

    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Router policy and version.</summary>
    public required string Router { get; init; }

    /// <summary>The pool's times.</summary>
    public required TimeProfile Profile { get; init; }

    /// <summary>Why this worker.</summary>
    public PlacementExplanation? Explanation { get; init; }

    /// <summary>Whether the workflow is to be nudged: it is not the one that asks just now.</summary>
    public bool Nudge { get; init; }
}

/// <summary>What an offer came to.</summary>
public enum OfferKind
{
    /// <summary>Offered.</summary>
    Offered,

    /// <summary>The job does not wait any more, or not as it was routed.</summary>
    JobChanged,

    /// <summary>The worker has not the room any more, or takes no work.</summary>
    NoRoom,
}

/// <summary>The answer to an <see cref="OfferStatement"/>.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Row">The row as it is now, where there is one.</param>
public sealed record OfferOutcome(OfferKind Kind, JobRow? Row);
