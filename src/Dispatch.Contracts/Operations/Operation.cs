using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Operations;

/// <summary>The six kinds of a recorded step.</summary>
public enum OperationKind
{
    /// <summary>The conversation began.</summary>
    ConversationOpened,

    /// <summary>A worker was chosen for an attempt.</summary>
    WorkerSelected,

    /// <summary>The job was sent to the chosen worker.</summary>
    MessageSent,

    /// <summary>The worker answered with a result or an error.</summary>
    MessageReceived,

    /// <summary>The worker went without an answer.</summary>
    WorkerExited,

    /// <summary>The conversation ended.</summary>
    ConversationClosed,
}

/// <summary>The state of the dispatch that an operation stands for.</summary>
public enum OperationActivityState
{
    /// <summary>Opened.</summary>
    ActivityScheduled,

    /// <summary>Selected.</summary>
    ActivityStarted,

    /// <summary>Received a result.</summary>
    ActivityCompleted,

    /// <summary>Received an error, or the worker exited; <see cref="Operation.RetryEligible"/> says whether its budget allows another attempt.</summary>
    ActivityFailed,
}

/// <summary>One recorded step of a conversation: a memo entry <c>dispatch.op.NNNN</c> of at most 512 bytes. Fields that a kind does not carry are null.</summary>
public sealed record Operation
{
    /// <summary>Dense, from 1.</summary>
    public required int Sequence { get; init; }

    /// <summary>The kind.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The queue the operation speaks of: the job's own, or for sent, received and exited the worker's.</summary>
    public required string TaskQueue { get; init; }

    /// <summary>Workflow time, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The dispatch state, where the kind has one.</summary>
    public OperationActivityState? State { get; init; }

    /// <summary>Whether another attempt is allowed, for failed states.</summary>
    public bool? RetryEligible { get; init; }

    /// <summary>Opened: the job.</summary>
    public JobId? Job { get; init; }

    /// <summary>Opened: the pool.</summary>
    public string? Pool { get; init; }

    /// <summary>Opened: who started the job: <c>cli</c>, <c>endpoint(ADDRESS)</c>, <c>schedule(ID)</c>, <c>child(PARENT)</c>, <c>temporal(IDENTITY)</c>.</summary>
    public string? Trigger { get; init; }

    /// <summary>Opened: <c>sha256:…</c> of the canonical spec.</summary>
    public string? SpecDigest { get; init; }

    /// <summary>The attempt, from 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>The worker.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>The worker's incarnation.</summary>
    public long? Incarnation { get; init; }

    /// <summary>Selected: the lease.</summary>
    public LeaseId? Lease { get; init; }

    /// <summary>Selected: the fence.</summary>
    public long? Fence { get; init; }

    /// <summary>Selected: router policy and version, as <c>least-loaded@1</c>.</summary>
    public string? Router { get; init; }

    /// <summary>Sent: the delivery, from 1 in each attempt.</summary>
    public int? Delivery { get; init; }

    /// <summary>Sent: receipt deadline in force, seconds.</summary>
    public double? ReceiptSeconds { get; init; }

    /// <summary>Sent: run deadline in force, seconds from the container's start.</summary>
    public double? RunSeconds { get; init; }

    /// <summary>Sent: our version.</summary>
    public string? Version { get; init; }

    /// <summary>Exited: <c>lost</c>, <c>unreachable</c>, <c>draining</c>, <c>fenced</c>, <c>crashed</c>, <c>registryUnavailable</c>.</summary>
    public string? Cause { get; init; }

    /// <summary>Received with an error: the catalogue's code.</summary>
    public string? Error { get; init; }

    /// <summary>Received or closed: the exit code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Received or closed: the signal's number.</summary>
    public int? Signal { get; init; }

    /// <summary>Closed: the termination reason.</summary>
    public string? Reason { get; init; }

    /// <summary>Closed: how many attempts had a worker selected.</summary>
    public int? AttemptsUsed { get; init; }

    /// <summary>A short text, cut so that the entry stays within its limit.</summary>
    public string? Message { get; init; }
}
