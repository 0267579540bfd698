using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Runs;

/// <summary>Where a job stands in its workflow: the answer to the query <c>Status</c>.</summary>
public sealed record JobStatus
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary><c>Queued</c>, <c>Paused</c>, <c>Sent</c> or <c>Closed</c>; the finer states are the registry's.</summary>
    public required JobState State { get; init; }

    /// <summary>What it waits for or does, one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The pool.</summary>
    public string? Pool { get; init; }

    /// <summary>Digest of the spec.</summary>
    public string? SpecDigest { get; init; }

    /// <summary>The newest attempt that had a worker selected, from 1; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>Its newest delivery, from 1.</summary>
    public int Delivery { get; init; }

    /// <summary>Its worker.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>That worker's incarnation.</summary>
    public long? Incarnation { get; init; }

    /// <summary>Its lease.</summary>
    public LeaseId? Lease { get; init; }

    /// <summary>The priority in force, 0…100.</summary>
    public int Priority { get; init; }

    /// <summary>The run deadline in force, seconds from the container's start.</summary>
    public double RunSeconds { get; init; }

    /// <summary>Whether an end was asked for (stop, cancel, deadline) that has not come yet.</summary>
    public bool Stopping { get; init; }

    /// <summary>When it was submitted, UTC.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>Since when the registry has not answered, UTC; null where it answers.</summary>
    public DateTimeOffset? UnavailableSince { get; init; }

    /// <summary>How many commands it has taken, of at most 200.</summary>
    public int Commands { get; init; }

    /// <summary>Closed: the report.</summary>
    public JobReport? Report { get; init; }
}
