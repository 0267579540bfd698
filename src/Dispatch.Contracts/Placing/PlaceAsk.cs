using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Placing;

/// <summary>The one question a workflow asks: may this attempt run, and where? A repeat finds what it did.</summary>
public sealed record PlaceAsk
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The Temporal run that asks.</summary>
    public required string RunId { get; init; }

    /// <summary>The attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>A number from history that grows with every ask; a lower one changes nothing.</summary>
    public required int Ask { get; init; }

    /// <summary>The last question of a job with no attempt left: ends the attempt for ever unless it has an outcome.</summary>
    public bool Final { get; init; }

    /// <summary>An offer that was never taken and is given back first, as part of this ask.</summary>
    public LeaseId? GiveBack { get; init; }

    /// <summary>The lease whose return (outcome or none) the asker has seen, and which may therefore be superseded.</summary>
    public LeaseId? SeenReturned { get; init; }

    /// <summary>The canonical spec, kept in the row and returned by confirm.</summary>
    public required string SpecJson { get; init; }

    /// <summary>Digest of the spec.</summary>
    public required string SpecDigest { get; init; }

    /// <summary>Memory of this attempt, bytes, where it has grown beyond the spec's.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Priority in force, 0…100.</summary>
    public int Priority { get; init; } = 50;

    /// <summary>When the job was submitted: its age in the queue.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>Workers not to be chosen, with the incarnation that failed.</summary>
    public IReadOnlyList<ExcludedWorker> Excluded { get; init; } = [];

    /// <summary>Stay out of the queue: only look at what there is (while paused).</summary>
    public bool Paused { get; init; }
}

/// <summary>A worker, in one incarnation, that is not to be chosen.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Incarnation">The incarnation.</param>
/// <param name="Cause">Why: <c>lost</c>, <c>unreachable</c>, or an error code.</param>
public sealed record ExcludedWorker(WorkerId Worker, long Incarnation, string Cause);
