using System.Collections.Immutable;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Leases;

/// <summary>One conversation of one job, from queue to outcome: the one record of it in the registry. Immutable; each statement makes a new one.</summary>
public sealed record JobRow
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The Temporal run that asks for it.</summary>
    public required string RunId { get; init; }

    /// <summary>The highest ask seen of that run.</summary>
    public required int Ask { get; init; }

    /// <summary>Grows with every ask that changed the row: what was routed for an older one is not offered.</summary>
    public int Revision { get; init; }

    /// <summary>Grows with each new row of the registry: the order of lists.</summary>
    public long Number { get; init; }

    /// <summary>What routing knows of it.</summary>
    public required JobFacts Facts { get; init; }

    /// <summary>The group of waiting jobs it belongs to: equal requirements.</summary>
    public required string Shape { get; init; }

    /// <summary>The canonical spec.</summary>
    public required string SpecJson { get; init; }

    /// <summary>Its digest.</summary>
    public required string SpecDigest { get; init; }

    /// <summary>Priority in force, 0…100.</summary>
    public int Priority { get; init; }

    /// <summary>When it was submitted, UTC.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>Workers not to be chosen.</summary>
    public ImmutableArray<ExcludedWorker> Excluded { get; init; } = [];

    /// <summary>Whether it is held back from the queue.</summary>
    public bool Paused { get; init; }

    /// <summary>The lease that must end first: of another conversation of the job, or after a reset the row's own, which the earlier run was offered.</summary>
    public LeaseId? BlockedBy { get; init; }

    /// <summary>The attempt, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Its state.</summary>
    public LeaseState State { get; init; }

    /// <summary>The attempt's lease, once offered.</summary>
    public LeaseGrant? Grant { get; init; }

    /// <summary>Whether the attempt's lease can never live again: the final ask ended it, or another conversation went past it.</summary>
    public bool Ended { get; init; }

    /// <summary>How often this lease expired.</summary>
    public int Expiries { get; init; }

    /// <summary>Whether the workflow wants to be told when the row changes: its last answer was to wait.</summary>
    public bool NudgeWanted { get; init; }

    /// <summary>Whether something changed that the workflow has not asked about since.</summary>
    public bool NudgeDue { get; init; }

    /// <summary>The worker's finer state.</summary>
    public LeaseActivity? Activity { get; init; }

    /// <summary>More about that.</summary>
    public string? Message { get; init; }

    /// <summary>When the container started, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>What came of the attempt, where its container ran to an end.</summary>
    public ContainerReport? Outcome { get; init; }

    /// <summary>What came of it, where it failed.</summary>
    public ContainerFailure? Failure { get; init; }

    /// <summary>When it was returned or expired, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Since when it waits, UTC.</summary>
    public DateTimeOffset WaitingSince { get; init; }

    /// <summary>When the row last changed, UTC.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>When the row was settled, UTC: the job has ended.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>Why the job ended.</summary>
    public TerminationReason? Reason { get; init; }

    /// <summary>The event that closed the run, where it was Temporal's doing.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>Whether it may be offered to a worker: it waits, is not held back, and nothing else of its job lives.</summary>
    public bool Queued => State == LeaseState.Waiting && !Paused && BlockedBy is null && SettledAt is null;

    /// <summary>Whether its lease takes capacity.</summary>
    public bool Live => State is LeaseState.Offered or LeaseState.Held;

    /// <summary>Whether something of its attempt may still run on a worker, or come to life again.</summary>
    public bool MayRun => State == LeaseState.Held || (State == LeaseState.Expired && !Ended);

    /// <summary>Whether its lease has expired but was an earlier run's, whose worker may still have that run's word to go on: it counts as held until the wait is over.</summary>
    public bool StillInherited => State == LeaseState.Expired && BlockedBy is not null;

    /// <summary>Whether anything came of the attempt.</summary>
    public bool HasOutcome => Outcome is not null || Failure is not null;
}
