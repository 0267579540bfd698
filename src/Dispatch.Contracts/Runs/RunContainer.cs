using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Runs;

/// <summary>What activity <c>RunContainer</c> is given. The spec is not in it: the worker runs what confirm returns.</summary>
public sealed record RunContainerInput
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The delivery, from 1 in each attempt.</summary>
    public required int Delivery { get; init; }

    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>The fence.</summary>
    public required long Fence { get; init; }

    /// <summary>Memory limit of this attempt, bytes (grown after out of memory where the spec says so).</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Run deadline in force, seconds from the container's start.</summary>
    public required double RunSeconds { get; init; }

    /// <summary>A stop that was asked for before this delivery.</summary>
    public StopInput? Stop { get; init; }

    /// <summary>The sender's version.</summary>
    public required string Version { get; init; }
}

/// <summary>What activity <c>RunContainer</c> answers when the container ended by itself, at its deadline, or by a stop.</summary>
public sealed record ContainerReport
{
    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>What made it end.</summary>
    public required ContainerEnd End { get; init; }

    /// <summary>What the workload did (<see cref="Outcome.Kind"/> is the workflow's to decide).</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Whether somebody else removed the container, and so ended the workload.</summary>
    public bool RemovedFromOutside { get; init; }

    /// <summary>The container's start, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The container's end, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Pull, seconds.</summary>
    public double? PullSeconds { get; init; }

    /// <summary>Create and init, seconds.</summary>
    public double? InitSeconds { get; init; }

    /// <summary>Run, seconds.</summary>
    public double? RunSeconds { get; init; }

    /// <summary>Digest of the image.</summary>
    public string? ImageDigest { get; init; }

    /// <summary>What it used.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Its output.</summary>
    public LogReference? Log { get; init; }
}

/// <summary>What made a container end.</summary>
public enum ContainerEnd
{
    /// <summary>It ended by itself.</summary>
    Exited,

    /// <summary>The run deadline passed and it was stopped.</summary>
    TimedOut,

    /// <summary>It was stopped because somebody asked (stop control or Temporal cancel).</summary>
    Stopped,

    /// <summary>It was stopped because the worker drains.</summary>
    Drained,
}

/// <summary>The details of a failure of <c>RunContainer</c>; the failure's type is the code's name.</summary>
public sealed record ContainerFailure
{
    /// <summary>The catalogue's code.</summary>
    public required ErrorCode Code { get; init; }

    /// <summary>Where it arose.</summary>
    public required ErrorPhase Phase { get; init; }

    /// <summary>What happened, at most 2,000 characters.</summary>
    public required string Message { get; init; }

    /// <summary>Whether it is certain that nothing was started.</summary>
    public bool NothingStarted { get; init; }

    /// <summary>Whether the job itself seems to take its worker down (the third adoption without 60 s of running between).</summary>
    public bool Poison { get; init; }

    /// <summary>What had been captured of its output.</summary>
    public LogReference? Log { get; init; }
}

/// <summary>What control activity <c>Stop</c> is given.</summary>
public sealed record StopInput
{
    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>True: SIGKILL at once; false: SIGTERM and the spec's grace.</summary>
    public bool Now { get; init; }

    /// <summary>Who asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}

/// <summary>What control activity <c>Extend</c> is given.</summary>
public sealed record ExtendInput
{
    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>The new run deadline, seconds from the container's start (absolute, so that a repeat is harmless).</summary>
    public required double RunSeconds { get; init; }
}
