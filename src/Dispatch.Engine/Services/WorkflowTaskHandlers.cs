using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Workers that answer workflow tasks.</summary>
internal sealed class WorkflowTaskHandlers(RunEngine engine)
{
    public async Task<RespondWorkflowTaskCompletedResponse> RespondWorkflowTaskCompleted(
        RespondWorkflowTaskCompletedRequest request, CallContext context)
    {
        var token = TaskToken.Decode(request.TaskToken);
        var slot = engine.RequireSlot(token);
        var rules = engine.RulesFor(slot.Key);
        var (decision, outcome) = await slot.ChangeAsync(turn =>
        {
            var run = turn.Find(token.RunId) ?? throw Refusals.NoWorkflowTask();
            var decision = turn.Decide(run);
            return (decision, Completions.Complete(decision, rules, token, request));
        }).ConfigureAwait(false);
        if (outcome.Refusal is not null)
        {
            throw outcome.Refusal;
        }

        var response = new RespondWorkflowTaskCompletedResponse { ResetHistoryEventId = outcome.ResetHistoryEventId };
        if (outcome.ReturnsTask)
        {
            response.WorkflowTask = slot.Read(turn =>
                WorkerTasks.Workflow(decision.State, turn.Require(token.RunId).History.Read(), isSticky: true));
        }

        foreach (var scheduledEventId in outcome.EagerActivities)
        {
            // What goes with the answer has the priority of its command alone; what is polled has the workflow's in its gaps.
            var activity = decision.State.Activities[scheduledEventId];
            var task = WorkerTasks.Activity(decision.State, activity);
            task.Priority = activity.Scheduled.Priority;
            response.ActivityTasks.Add(task);
        }

        return response;
    }

    public async Task<RespondWorkflowTaskFailedResponse> RespondWorkflowTaskFailed(
        RespondWorkflowTaskFailedRequest request, CallContext context)
    {
        var token = TaskToken.Decode(request.TaskToken);
        return await engine.RequireSlot(token).ChangeAsync(turn =>
        {
            var run = turn.Find(token.RunId) ?? throw Refusals.NoWorkflowTask();
            Completions.Fail(turn.Decide(run), token, request);
            return new RespondWorkflowTaskFailedResponse();
        }).ConfigureAwait(false);
    }

    public async Task<ResetStickyTaskQueueResponse> ResetStickyTaskQueue(ResetStickyTaskQueueRequest request, CallContext context)
    {
        var target = request.Execution;
        return await engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId).ChangeAsync(turn =>
        {
            var run = turn.Require(target.RunId);
            Refusals.RequireOpen(run.State);
            var decision = turn.Decide(run);
            decision.State = decision.State with { Sticky = null };
            return new ResetStickyTaskQueueResponse();
        }).ConfigureAwait(false);
    }
}
