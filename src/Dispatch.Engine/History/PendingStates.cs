using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.Update.V1;

namespace Dispatch.Engine.History;

/// <summary>A timer that has neither fired nor been cancelled.</summary>
internal sealed record TimerState(string TimerId, long StartedEventId, DateTimeOffset Due);

/// <summary>A child that was initiated and has not closed.</summary>
internal sealed record ChildState(long InitiatedEventId, StartChildWorkflowExecutionInitiatedEventAttributes Initiated)
{
    /// <summary>0 until started; negative while the Started event is buffered.</summary>
    public long StartedEventId { get; init; }

    /// <summary>The child's first run; empty until started.</summary>
    public string RunId { get; init; } = "";

    public UserMetadata? UserMetadata { get; init; }
}

/// <summary>A signal or cancel request to another workflow whose result isn't known yet.</summary>
internal sealed record ExternalState(long InitiatedEventId, HistoryEvent Initiated)
{
    /// <summary>What the target knows it by, so that it arrives once.</summary>
    public string RequestId { get; init; } = "";
}

/// <summary>How far an update has come.</summary>
internal enum UpdateStage
{
    Admitted,
    Sent,
    Accepted,
    Completed,
}

/// <summary>An update of a run. Admitted and sent ones live in memory only.</summary>
internal sealed record UpdateState(string UpdateId, Request Request)
{
    public UpdateStage Stage { get; init; }

    /// <summary>Order of arrival.</summary>
    public long Sequence { get; init; }

    public long AcceptedEventId { get; init; }

    public long CompletedEventId { get; init; }

    public Outcome? Outcome { get; init; }
}

/// <summary>A query that waits for the next workflow task. Lives in memory only.</summary>
internal sealed record QueryState(string QueryId, WorkflowQuery Query);

/// <summary>What a request id has done to a run.</summary>
internal sealed record RequestIdState(EventType EventType, long EventId);

/// <summary>The queue that the worker which last completed a task keeps the run on.</summary>
internal sealed record StickyState(string QueueName, TimeSpan ScheduleToStart);

/// <summary>Where the parent of a child is.</summary>
internal sealed record ParentLink(WorkflowKey Key, string RunId, long InitiatedEventId);

/// <summary>Who holds an activity, since when and why.</summary>
internal sealed record ActivityPause(DateTimeOffset Since, string Identity, string Reason);

/// <summary>An activity that was scheduled and has not closed.</summary>
internal sealed record ActivityState
{
    public required long ScheduledEventId { get; init; }

    public required ActivityTaskScheduledEventAttributes Scheduled { get; init; }

    public required DateTimeOffset FirstScheduledTime { get; init; }

    /// <summary>When this attempt was or will be dispatched.</summary>
    public required DateTimeOffset ScheduledTime { get; init; }

    public required string QueueName { get; init; }

    public required RetryPolicy RetryPolicy { get; init; }

    public required TimeSpan? ScheduleToClose { get; init; }

    public required TimeSpan? ScheduleToStart { get; init; }

    public required TimeSpan? StartToClose { get; init; }

    public required TimeSpan? Heartbeat { get; init; }

    public int Attempt { get; init; } = 1;

    /// <summary>Raised whenever an earlier dispatch of the activity becomes void.</summary>
    public int Stamp { get; init; }

    /// <summary>False while a retry waits for its time.</summary>
    public bool IsDispatched { get; init; } = true;

    public DateTimeOffset? StartedTime { get; init; }

    public string RequestId { get; init; } = "";

    public string Identity { get; init; } = "";

    public Payloads? HeartbeatDetails { get; init; }

    /// <summary>Of this attempt.</summary>
    public DateTimeOffset? HeartbeatTime { get; init; }

    /// <summary>Of any attempt.</summary>
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    public Failure? LastFailure { get; init; }

    public string LastWorkerIdentity { get; init; } = "";

    public DateTimeOffset? LastAttemptCompleteTime { get; init; }

    public TimeSpan? RetryInterval { get; init; }

    /// <summary>The id of the cancel request's event; 0 when none was made.</summary>
    public long CancelRequestedEventId { get; init; }

    /// <summary>Set while an operator holds it.</summary>
    public ActivityPause? Pause { get; init; }

    /// <summary>An operator has reset the attempt that runs; its next heartbeat is told.</summary>
    public bool IsResetRequested { get; init; }

    public bool IsCancelRequested => CancelRequestedEventId != 0;

    public bool IsStarted => StartedTime is not null;

    public string ActivityId => Scheduled.ActivityId;

    public DateTimeOffset? Expiration => ScheduleToClose is { } limit ? FirstScheduledTime.After(limit) : null;
}
