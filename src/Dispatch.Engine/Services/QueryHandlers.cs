using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Matching;
using Dispatch.Engine.Runs;
using Grpc.Core;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Queries: with the pending workflow task where there is one, else by themselves.</summary>
internal sealed class QueryHandlers(RunEngine engine)
{
    /// <summary>A queue that nobody has asked for so long has no workers.</summary>
    private static readonly TimeSpan PollerLookBack = TimeSpan.FromSeconds(20);

    /// <summary>So long a worker may take to come; a caller with less time is told a little before it gives up that there is none.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    public async Task<QueryWorkflowResponse> QueryWorkflow(QueryWorkflowRequest request, CallContext context)
    {
        var (workflowId, runId) = (request.Execution.WorkflowId, request.Execution.RunId);
        var slot = engine.RequireSlot(RunEngine.Key(context.Namespace!, workflowId), runId);
        var state = slot.Read(turn => turn.Require(runId).State);
        if (Rejects(request.QueryRejectCondition, state.Status))
        {
            return new QueryWorkflowResponse { QueryRejected = new QueryRejected { Status = state.Status } };
        }

        if (!state.IsOpen && state.LastStartedEventId == 0)
        {
            throw Refusals.NotReady("Workflow execution closed before WorkflowTaskStarted event");
        }

        var result = await AskWithTaskAsync(slot, state.RunId, request.Query, context.CancellationToken).ConfigureAwait(false)
            ?? await AskDirectlyAsync(slot, state.RunId, request.Query, context).ConfigureAwait(false);
        return result.ResultType == QueryResultType.Answered
            ? new QueryWorkflowResponse { QueryResult = result.Answer }
            : throw new EngineException(
                StatusCode.InvalidArgument, result.ErrorMessage, new QueryFailedFailure { Failure = result.Failure });
    }

    public Task<RespondQueryTaskCompletedResponse> RespondQueryTaskCompleted(RespondQueryTaskCompletedRequest request, CallContext context)
    {
        var result = new WorkflowQueryResult
        {
            ResultType = request.CompletedType,
            Answer = request.QueryResult,
            ErrorMessage = request.ErrorMessage,
            Failure = request.Failure,
        };
        return engine.Queries.Answer(QueryToken.Decode(request.TaskToken), result)
            ? Task.FromResult(new RespondQueryTaskCompletedResponse())
            : throw Refusals.NotFound("query task not found, or already expired");
    }

    /// <summary>Attaches the query to the pending workflow task.</summary>
    /// <returns>The answer; null when there is no such task, or it ended without one.</returns>
    private async Task<WorkflowQueryResult?> AskWithTaskAsync(
        WorkflowSlot slot, string runId, WorkflowQuery query, CancellationToken cancellationToken)
    {
        var (queryId, answer) = await slot.ChangeAsync<(string QueryId, Task<WorkflowQueryResult?>? Answer)>(turn =>
        {
            var run = turn.Require(runId);
            var state = run.State;
            if (state is { IsOpen: true, Task.Attempt: >= HistoryLimits.FailingTaskAttempts })
            {
                throw Refusals.NotReady("Unable to query workflow due to Workflow Task in failed state.");
            }

            if (state.IsOpen && state.Task is null && state.LastStartedEventId == 0)
            {
                throw Refusals.NotReady("Workflow task is not scheduled yet.");
            }

            if (!state.IsOpen || state.Task is null)
            {
                return ("", null);
            }

            var attached = Queries.Attach(turn.Decide(run), query);
            return (attached.QueryId, engine.Queries.Wait(attached.QueryId));
        }).ConfigureAwait(false);
        if (answer is null)
        {
            return null;
        }

        try
        {
            return await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            engine.Queries.Forget(queryId);
            await slot.ChangeAsync(turn =>
            {
                if (turn.Find(runId) is { } run)
                {
                    Queries.Detach(turn.Decide(run), queryId);
                }

                return true;
            }).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<WorkflowQueryResult> AskDirectlyAsync(
        WorkflowSlot slot, string runId, WorkflowQuery query, CallContext context)
    {
        var cancellationToken = context.CancellationToken;
        var state = slot.Read(turn => turn.Require(runId).State);
        if (state.Sticky is { } sticky)
        {
            if (engine.Queues.Find(new QueueKey(slot.Key.NamespaceId, sticky.QueueName, IsActivity: false)) is { } stickyQueue
                && stickyQueue.HasPoller(MatchingQueue.PollerLookBack))
            {
                var asked = new DirectQuery(slot, runId, engine.Ids.NewId(), query);
                var answer = engine.Queries.Wait(asked.QueryId);
                stickyQueue.Offer(new QueuedTask.Query(asked, isSticky: true));
                if (await WasTakenAsync(asked, sticky.ScheduleToStart, cancellationToken).ConfigureAwait(false))
                {
                    return await AwaitAsync(asked, answer, cancellationToken).ConfigureAwait(false);
                }

                engine.Queries.Forget(asked.QueryId);
            }

            await ForgetWorkerAsync(slot, runId, sticky).ConfigureAwait(false);
        }

        var queue = engine.Queues.Get(new QueueKey(slot.Key.NamespaceId, state.QueueName, IsActivity: false));
        var direct = new DirectQuery(slot, runId, engine.Ids.NewId(), query);
        var result = engine.Queries.Wait(direct.QueryId);
        queue.Offer(new QueuedTask.Query(direct, isSticky: false));
        if (!await WasTakenAsync(direct, Holds.Rest(context, PatienceMax), cancellationToken).ConfigureAwait(false))
        {
            engine.Queries.Forget(direct.QueryId);
            throw queue.HasPoller(PollerLookBack)
                ? new EngineException(StatusCode.DeadlineExceeded, "the workers of the task queue are busy")
                : Refusals.FailedPrecondition($"no poller seen for task queue recently, worker may be down: {state.QueueName}");
        }

        return await AwaitAsync(direct, result, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The worker that had the run is gone: its next task goes to whoever asks the normal queue.</summary>
    private static ValueTask<bool> ForgetWorkerAsync(WorkflowSlot slot, string runId, StickyState gone) => slot.ChangeAsync(turn =>
    {
        if (turn.Find(runId) is { State.IsOpen: true } run && run.State.Sticky == gone)
        {
            var decision = turn.Decide(run);
            decision.State = decision.State with { Sticky = null };
        }

        return true;
    });

    private async Task<WorkflowQueryResult> AwaitAsync(
        DirectQuery query, Task<WorkflowQueryResult?> answer, CancellationToken cancellationToken)
    {
        try
        {
            return (await answer.WaitAsync(cancellationToken).ConfigureAwait(false))!;
        }
        finally
        {
            query.TryTake();
            engine.Queries.Forget(query.QueryId);
        }
    }

    /// <summary>Waits until a worker has taken the query; takes it back when none does in time.</summary>
    private async Task<bool> WasTakenAsync(DirectQuery query, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await query.Taken.Task.WaitAsync(wait, engine.Clock, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return !query.TryTake();
        }
        catch (OperationCanceledException)
        {
            query.TryTake();
            engine.Queries.Forget(query.QueryId);
            throw;
        }
    }

    private static bool Rejects(QueryRejectCondition condition, WorkflowExecutionStatus status) => condition switch
    {
        QueryRejectCondition.NotOpen => status != WorkflowExecutionStatus.Running,
        QueryRejectCondition.NotCompletedCleanly =>
            status is not (WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Completed),
        _ => false,
    };
}
