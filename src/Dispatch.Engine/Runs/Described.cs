using Dispatch.Engine.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Runs;

/// <summary>A run's state as clients see it.</summary>
internal static class Described
{
    public static DescribeWorkflowExecutionResponse Workflow(RunState state)
    {
        var response = new DescribeWorkflowExecutionResponse
        {
            ExecutionConfig = new WorkflowExecutionConfig
            {
                TaskQueue = state.Start.TaskQueue,
                WorkflowExecutionTimeout = state.Start.WorkflowExecutionTimeout,
                WorkflowRunTimeout = state.Start.WorkflowRunTimeout,
                DefaultWorkflowTaskTimeout = state.Start.WorkflowTaskTimeout,
                UserMetadata = state.UserMetadata,
            },
            WorkflowExecutionInfo = Info(state),
            PendingWorkflowTask = state.Task is { } task ? Pending(task) : null,
            WorkflowExtendedInfo = Extended(state),
        };
        response.PendingActivities.AddRange(state.Activities.Values.OrderBy(activity => activity.ScheduledEventId).Select(Pending));
        response.PendingChildren.AddRange(state.Children.Values.OrderBy(child => child.InitiatedEventId).Select(Pending));
        return response;
    }

    public static Memo Memo(RunState state) => new() { Fields = { state.Memo } };

    public static SearchAttributes SearchAttributes(RunState state) => new() { IndexedFields = { state.SearchAttributes } };

    private static WorkflowExecutionInfo Info(RunState state) => new()
    {
        Execution = state.Execution,
        Type = state.Start.WorkflowType,
        StartTime = state.StartTime.ToProto(),
        CloseTime = state.CloseTime.ToProto(),
        Status = state.Status,
        HistoryLength = state.EventCount,
        ParentNamespaceId = state.Start.ParentWorkflowNamespaceId,
        ParentExecution = state.Start.ParentWorkflowExecution,
        ExecutionTime = state.ExecutionTime.ToProto(),
        Memo = Memo(state),
        SearchAttributes = SearchAttributes(state),
        AutoResetPoints = new ResetPoints { Points = { state.ResetPoints } },
        TaskQueue = state.QueueName,
        HistorySizeBytes = state.HistoryBytes,
        MostRecentWorkerVersionStamp = state.WorkerVersion,
        ExecutionDuration = state.CloseTime is { } closed ? (closed - state.ExecutionTime).ToProto() : null,
        RootExecution = state.Start.RootWorkflowExecution ?? state.Execution,
        FirstRunId = state.Start.FirstExecutionRunId,
        Priority = state.Start.Priority,
    };

    private static WorkflowExecutionExtendedInfo Extended(RunState state)
    {
        var info = new WorkflowExecutionExtendedInfo
        {
            ExecutionExpirationTime = state.ExecutionExpiration.ToProto(),
            RunExpirationTime = state.RunExpiration.ToProto() ?? Durations.Never,
            CancelRequested = state.CancelRequested,
            OriginalStartTime = state.OriginalStartTime.ToProto(),
        };
        foreach (var (requestId, known) in state.RequestIds)
        {
            info.RequestIdInfos.Add(requestId, new RequestIdInfo
            {
                EventType = known.EventType,
                EventId = known.EventId,
                Buffered = known.EventId <= 0,
            });
        }

        return info;
    }

    private static PendingWorkflowTaskInfo Pending(WorkflowTask task) => new()
    {
        State = task.IsStarted ? PendingWorkflowTaskState.Started : PendingWorkflowTaskState.Scheduled,
        ScheduledTime = task.ScheduledTime.ToProto(),
        OriginalScheduledTime = task.OriginalScheduledTime.ToProto(),
        StartedTime = task.StartedTime.ToProto(),
        Attempt = task.Attempt,
    };

    private static PendingChildExecutionInfo Pending(ChildState child) => new()
    {
        WorkflowId = child.Initiated.WorkflowId,
        RunId = child.RunId,
        WorkflowTypeName = child.Initiated.WorkflowType.Name,
        InitiatedId = child.InitiatedEventId,
        ParentClosePolicy = child.Initiated.ParentClosePolicy,
    };

    private static PendingActivityInfo Pending(ActivityState activity)
    {
        var backsOff = activity is { IsStarted: false, IsDispatched: false, Pause: null };
        return new PendingActivityInfo
        {
            ActivityId = activity.ActivityId,
            ActivityType = activity.Scheduled.ActivityType,
            State = StateOf(activity),
            HeartbeatDetails = activity.HeartbeatDetails,
            LastHeartbeatTime = activity.LastHeartbeatTime.ToProto(),
            LastStartedTime = activity.StartedTime.ToProto(),
            Attempt = activity.Attempt,
            MaximumAttempts = activity.RetryPolicy.MaximumAttempts,
            ScheduledTime = activity.ScheduledTime.ToProto(),
            ExpirationTime = activity.Expiration.ToProto(),
            LastFailure = activity.LastFailure,
            LastWorkerIdentity = activity.LastWorkerIdentity,
            CurrentRetryInterval = backsOff ? activity.RetryInterval?.ToProto() : null,
            LastAttemptCompleteTime = activity.LastAttemptCompleteTime.ToProto(),
            NextAttemptScheduleTime = backsOff ? activity.ScheduledTime.ToProto() : null,
            Priority = activity.Scheduled.Priority,
            Paused = activity.Pause is not null,
            PauseInfo = activity.Pause is not { } pause ? null : new PendingActivityInfo.Types.PauseInfo
            {
                PauseTime = pause.Since.ToProto(),
                Manual = new PendingActivityInfo.Types.PauseInfo.Types.Manual { Identity = pause.Identity, Reason = pause.Reason },
            },
            ActivityOptions = ActivityOperations.Options(
                activity, new TaskQueue { Name = activity.QueueName, NormalName = activity.QueueName }),
        };
    }

    private static PendingActivityState StateOf(ActivityState activity) => activity switch
    {
        { IsStarted: true, IsCancelRequested: true } => PendingActivityState.CancelRequested,
        { IsStarted: true, Pause: not null } => PendingActivityState.PauseRequested,
        { IsStarted: true } => PendingActivityState.Started,
        { Pause: not null } => PendingActivityState.Paused,
        _ => PendingActivityState.Scheduled,
    };
}
