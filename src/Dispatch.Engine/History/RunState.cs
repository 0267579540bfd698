using System.Collections.Immutable;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.Workflow.V1;

namespace Dispatch.Engine.History;

/// <summary>
/// All that is known of one run apart from its events. A value: decisions make a new one. Messages in it are never changed once they
/// are here.
/// </summary>
internal sealed record RunState
{
    public required WorkflowKey Key { get; init; }

    public required string RunId { get; init; }

    /// <summary>The Started event's attributes.</summary>
    public required WorkflowExecutionStartedEventAttributes Start { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    /// <summary>The start and the first task's back-off.</summary>
    public required DateTimeOffset ExecutionTime { get; init; }

    /// <summary>The start of the chain's first run.</summary>
    public required DateTimeOffset OriginalStartTime { get; init; }

    public DateTimeOffset? CloseTime { get; init; }

    public WorkflowExecutionStatus Status { get; init; } = WorkflowExecutionStatus.Running;

    public string StartRequestId { get; init; } = "";

    public UserMetadata? UserMetadata { get; init; }

    public long NextEventId { get; init; } = 1;

    public long HistoryBytes { get; init; }

    public DateTimeOffset? RunExpiration { get; init; }

    public DateTimeOffset? ExecutionExpiration { get; init; }

    /// <summary>When the first workflow task may be scheduled; null once that is past.</summary>
    public DateTimeOffset? FirstTaskDue { get; init; }

    /// <summary>A child's first workflow task waits until its parent has recorded the start.</summary>
    public bool AwaitsParent { get; init; }

    public ParentLink? Parent { get; init; }

    public ImmutableDictionary<string, Payload> Memo { get; init; } = ImmutableDictionary<string, Payload>.Empty;

    public ImmutableDictionary<string, Payload> SearchAttributes { get; init; } = ImmutableDictionary<string, Payload>.Empty;

    public bool CancelRequested { get; init; }

    public int SignalCount { get; init; }

    public ImmutableHashSet<string> SignalRequestIds { get; init; } = [];

    public ImmutableDictionary<string, RequestIdState> RequestIds { get; init; } = ImmutableDictionary<string, RequestIdState>.Empty;

    public StickyState? Sticky { get; init; }

    public WorkflowTask? Task { get; init; }

    public long LastTaskSerial { get; init; }

    /// <summary>The attempt that the next workflow task will be.</summary>
    public int NextTaskAttempt { get; init; } = 1;

    /// <summary>The Started event of the last completed workflow task; 0 before the first.</summary>
    public long LastStartedEventId { get; init; }

    /// <summary>A close was refused because of buffered events; until the next task completes new signals are held off.</summary>
    public bool CloseAttempted { get; init; }

    public ImmutableDictionary<long, ActivityState> Activities { get; init; } = ImmutableDictionary<long, ActivityState>.Empty;

    public ImmutableDictionary<string, TimerState> Timers { get; init; } = ImmutableDictionary<string, TimerState>.Empty;

    public ImmutableDictionary<long, ChildState> Children { get; init; } = ImmutableDictionary<long, ChildState>.Empty;

    public ImmutableDictionary<long, ExternalState> Externals { get; init; } = ImmutableDictionary<long, ExternalState>.Empty;

    public ImmutableDictionary<string, UpdateState> Updates { get; init; } = ImmutableDictionary<string, UpdateState>.Empty;

    public long LastUpdateSequence { get; init; }

    public ImmutableDictionary<string, QueryState> Queries { get; init; } = ImmutableDictionary<string, QueryState>.Empty;

    /// <summary>Events that wait for the started workflow task to end; their ids are negative.</summary>
    public ImmutableList<HistoryEvent> Buffered { get; init; } = [];

    public long LastBufferedId { get; init; }

    public ImmutableList<ResetPointInfo> ResetPoints { get; init; } = [];

    public WorkerVersionStamp? WorkerVersion { get; init; }

    /// <summary>The run that continues this one; empty when none does.</summary>
    public string SuccessorRunId { get; init; } = "";

    /// <summary>The event that closed the run.</summary>
    public HistoryEvent? CloseEvent { get; init; }

    /// <summary>When a run that a client has deleted is forgotten; null for all others.</summary>
    public DateTimeOffset? DeletionDue { get; init; }

    public bool IsOpen => Status == WorkflowExecutionStatus.Running;

    public string WorkflowType => Start.WorkflowType.Name;

    public string QueueName => Start.TaskQueue.Name;

    public TimeSpan TaskTimeout => Start.WorkflowTaskTimeout.OrZero();

    public TimeSpan? RunTimeout => Start.WorkflowRunTimeout.OrNone();

    public bool IsInBackoff => FirstTaskDue is not null || AwaitsParent;

    public long EventCount => NextEventId - 1;

    public WorkflowExecution Execution => new() { WorkflowId = Key.WorkflowId, RunId = RunId };

    public ActivityState? FindActivity(string activityId)
    {
        foreach (var activity in Activities.Values)
        {
            if (activity.ActivityId == activityId)
            {
                return activity;
            }
        }

        return null;
    }
}
