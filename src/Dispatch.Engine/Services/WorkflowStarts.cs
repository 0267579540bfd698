using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>What a start does to the runs of its workflow id.</summary>
internal static class WorkflowStarts
{
    /// <summary>Begins a run, or finds the one that the request means.</summary>
    /// <returns>The answer, and the decision about the run that was begun; null when none was.</returns>
    public static (StartWorkflowExecutionResponse Response, Decision? Begun) Start(
        Turn turn, WorkflowKey key, StartWorkflowExecutionRequest request, string requestId, SearchAttributes? searchAttributes)
    {
        var (reuse, conflict) = Policies(request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.Fail);
        var runId = turn.Ids.NewId();
        if (turn.Current is { } current)
        {
            if (current.State.RequestIds.TryGetValue(requestId, out var known))
            {
                return (Known(current, requestId, known, request), null);
            }

            if (!StartPolicies.Admits(current, reuse, conflict))
            {
                return (UseExisting(turn, current, requestId, request), null);
            }

            if (current.State.IsOpen)
            {
                StartPolicies.Replace(turn, current, runId);
            }
        }

        var begun = turn.Begin(StartOf(turn, key, runId, requestId, request, searchAttributes));
        var isEager = request.RequestEagerExecution && !begun.State.IsInBackoff;
        if (isEager)
        {
            begun.State.Start.EagerExecutionAccepted = true;
        }

        Starting.Launch(begun);
        var response = new StartWorkflowExecutionResponse
        {
            RunId = runId,
            Started = true,
            Status = WorkflowExecutionStatus.Running,
            FirstExecutionRunId = begun.State.Start.FirstExecutionRunId,
            Link = Links.Started(key, runId),
        };
        if (isEager)
        {
            begun.Withdraw<Effect.DispatchWorkflowTask>();
            WorkflowTasks.Start(begun, begun.State.Task!.Serial, requestId, request.Identity, isStickyPoll: false);
            response.EagerWorkflowTask = WorkerTasks.Workflow(begun.State, HistoryLog.Of(begun.NewEvents), isSticky: false);
        }

        return (response, begun);
    }

    /// <summary>The same request again: the same answer again.</summary>
    private static StartWorkflowExecutionResponse Known(
        Run current, string requestId, RequestIdState known, StartWorkflowExecutionRequest request)
    {
        var state = current.State;
        var isStart = known.EventType == EventType.WorkflowExecutionStarted;
        var response = new StartWorkflowExecutionResponse
        {
            RunId = state.RunId,
            Started = isStart,
            Status = state.Status,
            FirstExecutionRunId = state.Start.FirstExecutionRunId,
            Link = isStart ? Links.Started(state.Key, state.RunId) : Links.Request(state.Key, state.RunId, requestId, known.EventType),
        };
        if (isStart && request.RequestEagerExecution && state.Task is { IsStarted: true, RequestId: var startedBy } && startedBy == requestId)
        {
            response.EagerWorkflowTask = WorkerTasks.Workflow(state, current.History.Read(), isSticky: false);
        }

        return response;
    }

    private static StartWorkflowExecutionResponse UseExisting(
        Turn turn, Run current, string requestId, StartWorkflowExecutionRequest request)
    {
        var decision = turn.Decide(current);
        if (request.OnConflictOptions is { } options && (options.AttachRequestId || options.AttachLinks))
        {
            Attaching.Attach(decision, options.AttachRequestId ? requestId : "", options.AttachLinks ? request.Links : []);
        }

        var state = decision.State;
        return new StartWorkflowExecutionResponse
        {
            RunId = state.RunId,
            Started = false,
            Status = state.Status,
            FirstExecutionRunId = state.Start.FirstExecutionRunId,
            Link = request.OnConflictOptions?.AttachRequestId == true
                ? Links.Request(state.Key, state.RunId, requestId, EventType.WorkflowExecutionOptionsUpdated)
                : Links.Started(state.Key, state.RunId),
        };
    }

    public static RunStart StartOf(
        Turn turn,
        WorkflowKey key,
        string runId,
        string requestId,
        StartWorkflowExecutionRequest request,
        SearchAttributes? searchAttributes)
    {
        var execution = request.WorkflowExecutionTimeout.OrNone();
        var run = Durations.Cap(request.WorkflowRunTimeout.OrNone(), execution) ?? execution;
        var backoff = request.WorkflowStartDelay.OrZero();
        if (request.CronSchedule.Length > 0)
        {
            backoff = CronSchedule.TryParse(request.CronSchedule)?.Next(turn.Now, turn.Now) - turn.Now ?? TimeSpan.Zero;
        }

        return new RunStart
        {
            Key = key,
            RunId = runId,
            RequestId = requestId,
            UserMetadata = request.UserMetadata,
            Links = request.Links,
            Backoff = backoff,
            Attributes = new WorkflowExecutionStartedEventAttributes
            {
                WorkflowType = request.WorkflowType,
                TaskQueue = Starting.Queue(request.TaskQueue.Name),
                Input = request.Input,
                WorkflowExecutionTimeout = Shown(execution, request.WorkflowExecutionTimeout),
                WorkflowRunTimeout = Shown(run, request.WorkflowRunTimeout),
                WorkflowTaskTimeout = Starting.TaskTimeout(request.WorkflowTaskTimeout.OrNone(), run).ToProto(),
                ContinuedFailure = request.ContinuedFailure,
                LastCompletionResult = request.LastCompletionResult,
                Identity = request.Identity,
                RetryPolicy = request.RetryPolicy is null ? null : RetryPolicies.Filled(request.RetryPolicy),
                CronSchedule = request.CronSchedule,
                Initiator = request.CronSchedule.Length > 0 ? ContinueAsNewInitiator.CronSchedule : ContinueAsNewInitiator.Unspecified,
                FirstWorkflowTaskBackoff = backoff.ToProto(),
                Memo = request.Memo,
                SearchAttributes = searchAttributes,
                Header = request.Header,
                Priority = request.Priority,
            },
        };
    }

    /// <summary>A time-out as the history shows it: one that was given as zero is no limit, but was given.</summary>
    private static Duration? Shown(TimeSpan? limit, Duration? given) => limit?.ToProto() ?? (given is null ? null : new Duration());

    /// <summary>The policies without their defaults, and with the old way to say "terminate the open one" in the new words.</summary>
    public static (WorkflowIdReusePolicy Reuse, WorkflowIdConflictPolicy Conflict) Policies(
        WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict, WorkflowIdConflictPolicy conflictDefault)
    {
        if (reuse == WorkflowIdReusePolicy.TerminateIfRunning)
        {
            return (WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.TerminateExisting);
        }

        return (
            reuse == WorkflowIdReusePolicy.Unspecified ? WorkflowIdReusePolicy.AllowDuplicate : reuse,
            conflict == WorkflowIdConflictPolicy.Unspecified ? conflictDefault : conflict);
    }
}
