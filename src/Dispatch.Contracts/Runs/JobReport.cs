using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Runs;

/// <summary>Why a conversation ended. A closed list.</summary>
public enum TerminationReason
{
    /// <summary>The workload ended by itself.</summary>
    WorkloadExited,

    /// <summary>Stopped or cancelled after it was sent.</summary>
    Cancelled,

    /// <summary>Stopped or cancelled before it was sent.</summary>
    CancelledBeforeStart,

    /// <summary>No worker in time.</summary>
    QueueTimeout,

    /// <summary>The run or total deadline passed.</summary>
    ExecutionTimeout,

    /// <summary>The image could not be had.</summary>
    ImageError,

    /// <summary>An init step failed.</summary>
    InitError,

    /// <summary>Killed for memory.</summary>
    OutOfMemory,

    /// <summary>No worker can ever take it, and the pool does not wait.</summary>
    NoEligibleWorker,

    /// <summary>The pool does not admit it.</summary>
    NotAdmitted,

    /// <summary>The workload could not be started.</summary>
    StartFailure,

    /// <summary>The worker was lost and no attempt is left.</summary>
    WorkerLost,

    /// <summary>Several workers died under it.</summary>
    Poisoned,

    /// <summary>The spec is wrong.</summary>
    InvalidJobSpec,

    /// <summary>It could not be resumed.</summary>
    ResumeFailed,

    /// <summary>A fault of Dispatch itself.</summary>
    InternalError,
}

/// <summary>What the workload did, apart from why the run ended.</summary>
public enum OutcomeKind
{
    /// <summary>Nothing ran, or nobody knows.</summary>
    Unset,

    /// <summary>Ended with a code of the success set.</summary>
    Success,

    /// <summary>Ended otherwise.</summary>
    Failure,
}

/// <summary>What the workload did.</summary>
public sealed record Outcome
{
    /// <summary>Success, failure, or unset.</summary>
    public OutcomeKind Kind { get; init; }

    /// <summary>Exit code, 0…255; 128 + n after signal n; null where nothing ran.</summary>
    public int? Code { get; init; }

    /// <summary>The signal's number, where one ended the main process.</summary>
    public int? Signal { get; init; }

    /// <summary>The signal's name, such as <c>SIGTERM</c>.</summary>
    public string? SignalName { get; init; }

    /// <summary>Whether the kernel killed for memory.</summary>
    public bool OutOfMemory { get; init; }

    /// <summary>The line that the workload wrote to <c>$DISPATCH_OUTCOME</c>, at most 1,000 characters.</summary>
    public string? Message { get; init; }
}

/// <summary>One attempt in a report.</summary>
/// <param name="Attempt">From 1.</param>
/// <param name="Worker">The worker selected.</param>
/// <param name="Incarnation">Its incarnation.</param>
/// <param name="Deliveries">How often it was sent.</param>
/// <param name="End">How it ended: <c>result</c>, an error code, or an exit cause such as <c>lost</c>.</param>
/// <param name="Message">More about that, at most 300 characters.</param>
public sealed record AttemptSummary(int Attempt, WorkerId Worker, long Incarnation, int Deliveries, string End, string? Message);

/// <summary>When things happened, UTC, and how long they took, seconds by the worker's monotonic clock.</summary>
public sealed record Timings
{
    /// <summary>Submitted.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>Last worker selected.</summary>
    public DateTimeOffset? PlacedAt { get; init; }

    /// <summary>The last attempt's container started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The last attempt's container ended, or the job was closed where nothing ran.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>From submission to the first worker selected.</summary>
    public double? QueueSeconds { get; init; }

    /// <summary>Pull of the last attempt.</summary>
    public double? PullSeconds { get; init; }

    /// <summary>Create and init of the last attempt.</summary>
    public double? InitSeconds { get; init; }

    /// <summary>Run of the last attempt's container.</summary>
    public double? RunSeconds { get; init; }
}

/// <summary>The whole of what is said at a job's end: the workflow's result, or the details of its failure. It holds no output.</summary>
public sealed record JobReport
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>Why it ended.</summary>
    public required TerminationReason Reason { get; init; }

    /// <summary>The catalogue's code, where it did not end well.</summary>
    public ErrorCode? Error { get; init; }

    /// <summary>The text beside the code, at most 2,000 characters.</summary>
    public string? Message { get; init; }

    /// <summary>What the workload did.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>How many attempts had a worker selected.</summary>
    public int AttemptsUsed { get; init; }

    /// <summary>The attempts, oldest first.</summary>
    public IReadOnlyList<AttemptSummary> Attempts { get; init; } = [];

    /// <summary>When and how long.</summary>
    public Timings Timings { get; init; } = new();

    /// <summary>Digest of the image that ran.</summary>
    public string? ImageDigest { get; init; }

    /// <summary>CPU and memory used by the last attempt.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The log of the attempt that counted.</summary>
    public LogReference? Log { get; init; }

    /// <summary>Errors of the spec, for <see cref="TerminationReason.InvalidJobSpec"/>.</summary>
    public IReadOnlyList<Jobs.SpecError>? SpecErrors { get; init; }
}

/// <summary>What a container used.</summary>
/// <param name="CpuSeconds">CPU time, seconds.</param>
/// <param name="PeakMemoryBytes">Most memory, bytes.</param>
public sealed record Usage(double? CpuSeconds, long? PeakMemoryBytes);

/// <summary>Where an attempt's output is kept, and how much there is.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="StdoutBytes">Bytes of standard output.</param>
/// <param name="StderrBytes">Bytes of standard error.</param>
public sealed record LogReference(int Attempt, long StdoutBytes, long StderrBytes)
{
    /// <summary>Bytes of both that were lost because the worker's disk was full: the output is cut. Null where none were.</summary>
    public long? LostBytes { get; init; }
}
