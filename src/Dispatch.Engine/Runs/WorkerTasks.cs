using Dispatch.Engine.History;
using Dispatch.Engine.Matching;
using Temporalio.Api.WorkflowService.V1;
using WorkflowHistory = Temporalio.Api.History.V1.History;

namespace Dispatch.Engine.Runs;

/// <summary>Tasks in the form that workers get them.</summary>
internal static class WorkerTasks
{
    /// <summary>A started workflow task.</summary>
    /// <param name="state">The run right after the task was started.</param>
    /// <param name="log">The run's events then.</param>
    /// <param name="isSticky">The worker has the run's earlier events.</param>
    public static PollWorkflowTaskQueueResponse Workflow(RunState state, HistoryLog.Snapshot log, bool isSticky)
    {
        var task = state.Task!;
        var events = new WorkflowHistory();
        foreach (var happened in log.From(isSticky ? state.LastStartedEventId + 1 : 1))
        {
            if (happened.EventId < state.NextEventId)
            {
                events.Events.Add(happened);
            }
        }

        events.Events.AddRange(WorkflowTasks.VirtualEvents(state, task.Identity));
        var response = new PollWorkflowTaskQueueResponse
        {
            TaskToken = new TaskToken(
                state.Key.NamespaceId, state.Key.WorkflowId, state.RunId, 0, task.StartedEventId, task.Serial, 0).Encode(),
            WorkflowExecution = state.Execution,
            WorkflowType = state.Start.WorkflowType,
            PreviousStartedEventId = state.LastStartedEventId,
            StartedEventId = task.StartedEventId,
            Attempt = task.Attempt,
            History = events,
            WorkflowExecutionTaskQueue = Starting.Queue(state.QueueName),
            ScheduledTime = task.ScheduledTime.ToProto(),
            StartedTime = task.StartedTime.ToProto(),
        };
        foreach (var query in state.Queries.Values)
        {
            response.Queries.Add(query.QueryId, query.Query);
        }

        response.Messages.AddRange(Updates.RequestMessages(state, task));
        return response;
    }

    /// <summary>A query that is asked by itself.</summary>
    public static PollWorkflowTaskQueueResponse Query(RunState state, HistoryLog.Snapshot log, DirectQuery query, bool isSticky)
    {
        var events = new WorkflowHistory();
        if (!isSticky)
        {
            events.Events.Add(log.Events.ToArray());
        }

        return new PollWorkflowTaskQueueResponse
        {
            TaskToken = QueryToken.Encode(query.QueryId),
            WorkflowExecution = state.Execution,
            WorkflowType = state.Start.WorkflowType,
            PreviousStartedEventId = state.LastStartedEventId,
            Attempt = 1,
            History = events,
            Query = query.Query,
            WorkflowExecutionTaskQueue = Starting.Queue(state.QueueName),
        };
    }

    /// <summary>A started attempt of an activity.</summary>
    public static PollActivityTaskQueueResponse Activity(RunState state, ActivityState activity)
    {
        var scheduled = activity.Scheduled;
        return new PollActivityTaskQueueResponse
        {
            TaskToken = new TaskToken(
                state.Key.NamespaceId,
                state.Key.WorkflowId,
                state.RunId,
                activity.ScheduledEventId,
                0,
                activity.Attempt,
                activity.Stamp).Encode(),
            WorkflowNamespace = state.Key.Namespace,
            WorkflowType = state.Start.WorkflowType,
            WorkflowExecution = state.Execution,
            ActivityType = scheduled.ActivityType,
            ActivityId = scheduled.ActivityId,
            Header = scheduled.Header,
            Input = scheduled.Input,
            HeartbeatDetails = activity.HeartbeatDetails,
            ScheduledTime = activity.FirstScheduledTime.ToProto(),
            CurrentAttemptScheduledTime = activity.ScheduledTime.ToProto(),
            StartedTime = activity.StartedTime.ToProto(),
            Attempt = activity.Attempt,
            ScheduleToCloseTimeout = scheduled.ScheduleToCloseTimeout,
            StartToCloseTimeout = scheduled.StartToCloseTimeout,
            HeartbeatTimeout = scheduled.HeartbeatTimeout,
            RetryPolicy = activity.RetryPolicy,
            Priority = Activities.EffectivePriority(state, activity),
        };
    }
}
