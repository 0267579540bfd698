using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Answers and heartbeats of activities, by task token and by activity id.</summary>
internal sealed class ActivityHandlers(RunEngine engine)
{
    public async Task<RespondActivityTaskCompletedResponse> RespondActivityTaskCompleted(
        RespondActivityTaskCompletedRequest request, CallContext context) =>
        await AnswerAsync(request.TaskToken, (decision, activity) =>
        {
            Activities.Complete(decision, activity, request.Result, request.Identity);
            return new RespondActivityTaskCompletedResponse();
        }).ConfigureAwait(false);

    public async Task<RespondActivityTaskFailedResponse> RespondActivityTaskFailed(
        RespondActivityTaskFailedRequest request, CallContext context) =>
        await AnswerAsync(request.TaskToken, (decision, activity) =>
        {
            Activities.Fail(decision, Noted(decision, activity, request.LastHeartbeatDetails), request.Failure, request.Identity);
            return new RespondActivityTaskFailedResponse();
        }).ConfigureAwait(false);

    public async Task<RespondActivityTaskCanceledResponse> RespondActivityTaskCanceled(
        RespondActivityTaskCanceledRequest request, CallContext context) =>
        await AnswerAsync(request.TaskToken, (decision, activity) =>
        {
            Cancel(decision, activity, request.Details, request.Identity);
            return new RespondActivityTaskCanceledResponse();
        }).ConfigureAwait(false);

    public async Task<RecordActivityTaskHeartbeatResponse> RecordActivityTaskHeartbeat(
        RecordActivityTaskHeartbeatRequest request, CallContext context) =>
        await AnswerAsync(request.TaskToken, (decision, activity) =>
        {
            activity = Activities.Heartbeat(decision, activity, request.Details, request.Identity);
            return new RecordActivityTaskHeartbeatResponse
            {
                CancelRequested = activity.IsCancelRequested,
                ActivityPaused = activity.Pause is not null,
                ActivityReset = activity.IsResetRequested,
            };
        }).ConfigureAwait(false);

    public async Task<RespondActivityTaskCompletedByIdResponse> RespondActivityTaskCompletedById(
        RespondActivityTaskCompletedByIdRequest request, CallContext context) =>
        await AnswerAsync(context, request.WorkflowId, request.RunId, request.ActivityId, needsStart: false, (decision, activity) =>
        {
            if (!activity.IsStarted)
            {
                // Whoever knows the result must have started it, although nobody was told.
                activity = activity with { StartedTime = decision.Now, Identity = request.Identity };
            }

            Activities.Complete(decision, activity, request.Result, request.Identity);
            return new RespondActivityTaskCompletedByIdResponse();
        }).ConfigureAwait(false);

    public async Task<RespondActivityTaskFailedByIdResponse> RespondActivityTaskFailedById(
        RespondActivityTaskFailedByIdRequest request, CallContext context) =>
        await AnswerAsync(context, request.WorkflowId, request.RunId, request.ActivityId, needsStart: true, (decision, activity) =>
        {
            Activities.Fail(decision, Noted(decision, activity, request.LastHeartbeatDetails), request.Failure, request.Identity);
            return new RespondActivityTaskFailedByIdResponse();
        }).ConfigureAwait(false);

    public async Task<RespondActivityTaskCanceledByIdResponse> RespondActivityTaskCanceledById(
        RespondActivityTaskCanceledByIdRequest request, CallContext context) =>
        await AnswerAsync(context, request.WorkflowId, request.RunId, request.ActivityId, needsStart: true, (decision, activity) =>
        {
            Cancel(decision, activity, request.Details, request.Identity);
            return new RespondActivityTaskCanceledByIdResponse();
        }).ConfigureAwait(false);

    public async Task<RecordActivityTaskHeartbeatByIdResponse> RecordActivityTaskHeartbeatById(
        RecordActivityTaskHeartbeatByIdRequest request, CallContext context) =>
        await AnswerAsync(context, request.WorkflowId, request.RunId, request.ActivityId, needsStart: true, (decision, activity) =>
        {
            activity = Activities.Heartbeat(decision, activity, request.Details, request.Identity);
            return new RecordActivityTaskHeartbeatByIdResponse
            {
                CancelRequested = activity.IsCancelRequested,
                ActivityPaused = activity.Pause is not null,
                ActivityReset = activity.IsResetRequested,
            };
        }).ConfigureAwait(false);

    private async ValueTask<T> AnswerAsync<T>(ByteString taskToken, Func<Decision, ActivityState, T> answer)
    {
        var token = TaskToken.Decode(taskToken);
        return await engine.RequireSlot(token).ChangeAsync(turn =>
        {
            var run = turn.Find(token.RunId) ?? throw Refusals.NoActivity();
            Refusals.RequireOpen(run.State);
            return run.State.Activities.TryGetValue(token.ScheduledEventId, out var activity)
                && activity.IsStarted
                && activity.Attempt == token.Serial
                && activity.Stamp == token.Stamp
                ? answer(turn.Decide(run), activity)
                : throw Refusals.NoActivity();
        }).ConfigureAwait(false);
    }

    private async ValueTask<T> AnswerAsync<T>(
        CallContext context, string workflowId, string runId, string activityId, bool needsStart, Func<Decision, ActivityState, T> answer)
    {
        RequestValidation.Set(activityId, "ActivityId");
        RequestValidation.Set(workflowId, "WorkflowId");
        return await engine.RequireSlot(RunEngine.Key(context.Namespace!, workflowId), runId).ChangeAsync(turn =>
        {
            var run = turn.Require(runId);
            Refusals.RequireOpen(run.State);
            return run.State.FindActivity(activityId) is { } activity && (activity.IsStarted || !needsStart)
                ? answer(turn.Decide(run), activity)
                : throw Refusals.NoActivity();
        }).ConfigureAwait(false);
    }

    private static ActivityState Noted(Decision decision, ActivityState activity, Payloads? details) =>
        details is null || details.CalculateSize() > HistoryLimits.BlobBytesMax ? activity : Activities.Heartbeat(decision, activity, details, "");

    private static void Cancel(Decision decision, ActivityState activity, Payloads? details, string identity)
    {
        if (!activity.IsCancelRequested)
        {
            throw EngineException.InvalidArgument("unable to record that an activity was cancelled which nobody asked to cancel");
        }

        Activities.Cancel(decision, activity, details, identity);
    }
}
