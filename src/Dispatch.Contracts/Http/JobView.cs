using System.Text.Json;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;

namespace Dispatch.Contracts.Http;

/// <summary>A job as lists and single gets show it; what only a single get carries says so.</summary>
public sealed record JobView
{
    /// <summary>The job.</summary>
    public required JobId Id { get; init; }

    /// <summary>Its newest conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>Its Temporal run.</summary>
    public required string RunId { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobState State { get; init; }

    /// <summary>The pool.</summary>
    public required string Pool { get; init; }

    /// <summary>The worker of the newest attempt, once one was selected.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>That worker's incarnation.</summary>
    public long? Incarnation { get; init; }

    /// <summary>The newest attempt, from 1; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>The priority in force, 0…100.</summary>
    public int Priority { get; init; } = 50;

    /// <summary>The display name.</summary>
    public string? Name { get; init; }

    /// <summary>The owner.</summary>
    public string? Owner { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>When it was submitted, UTC.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>When the container of the newest attempt started, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Closed: why.</summary>
    public TerminationReason? Reason { get; init; }

    /// <summary>Closed and not well: the catalogue's code.</summary>
    public ErrorCode? Error { get; init; }

    /// <summary>The text beside state or code, one or two sentences.</summary>
    public string? Message { get; init; }

    /// <summary>What is wrong with the registry's rows of the job, and what to do, where its finer state cannot be told for that; null where all is well.</summary>
    public string? RowsBroken { get; init; }

    /// <summary>Closed: the exit code, 128 + n after signal n.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The event that closed the run, where it was Temporal's doing (<c>WorkflowExecutionTerminated</c> and the like).</summary>
    public string? ClosedBy { get; init; }

    /// <summary>Single get, closed: the whole report.</summary>
    public JobReport? Report { get; init; }

    /// <summary>Single get: the canonical spec.</summary>
    public JsonElement? Spec { get; init; }

    /// <summary>Single get: the newest standard output of the newest attempt.</summary>
    public OutputTail? StdoutTail { get; init; }

    /// <summary>Single get: the newest standard error of the newest attempt.</summary>
    public OutputTail? StderrTail { get; init; }
}

/// <summary>One page of a list, newest job first.</summary>
/// <param name="Jobs">The jobs, at most the limit asked for (100, at most 1,000).</param>
/// <param name="Next">The cursor of the next page (<c>?cursor=</c>); null at the end.</param>
public sealed record JobPage(IReadOnlyList<JobView> Jobs, string? Next);
