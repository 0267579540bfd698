using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Temporalio.Api.Common.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Operators that pause, reset and change pending activities.</summary>
internal sealed class ActivityOperationHandlers(RunEngine engine)
{
    public async Task<PauseActivityResponse> PauseActivity(PauseActivityRequest request, CallContext context) =>
        await ChangeAsync(request.Execution, context, decision =>
        {
            foreach (var activity in ActivityOperations.Find(decision.State, request.Id, request.Type))
            {
                ActivityOperations.Pause(decision, activity, request.Identity, request.Reason);
            }

            return new PauseActivityResponse();
        }).ConfigureAwait(false);

    public async Task<UnpauseActivityResponse> UnpauseActivity(UnpauseActivityRequest request, CallContext context) =>
        await ChangeAsync(request.Execution, context, decision =>
        {
            foreach (var activity in ActivityOperations.Find(decision.State, request.Id, request.Type, request.UnpauseAll))
            {
                ActivityOperations.Unpause(decision, activity, request.ResetAttempts, request.ResetHeartbeat);
            }

            return new UnpauseActivityResponse();
        }).ConfigureAwait(false);

    public async Task<ResetActivityResponse> ResetActivity(ResetActivityRequest request, CallContext context) =>
        await ChangeAsync(request.Execution, context, decision =>
        {
            foreach (var activity in ActivityOperations.Find(decision.State, request.Id, request.Type, request.MatchAll))
            {
                ActivityOperations.Reset(
                    decision, activity, request.KeepPaused, request.ResetHeartbeat, request.RestoreOriginalOptions);
            }

            return new ResetActivityResponse();
        }).ConfigureAwait(false);

    public async Task<UpdateActivityOptionsResponse> UpdateActivityOptions(UpdateActivityOptionsRequest request, CallContext context) =>
        await ChangeAsync(request.Execution, context, decision =>
        {
            var response = new UpdateActivityOptionsResponse();
            foreach (var activity in ActivityOperations.Find(decision.State, request.Id, request.Type, request.MatchAll))
            {
                var changed = ActivityOperations.Update(
                    decision, activity, request.ActivityOptions, request.UpdateMask, request.RestoreOriginal);
                response.ActivityOptions = ActivityOperations.Options(
                    changed, request.RestoreOriginal ? new TaskQueue { Name = changed.QueueName } : Starting.Queue(changed.QueueName));
            }

            return response;
        }).ConfigureAwait(false);

    private async ValueTask<T> ChangeAsync<T>(WorkflowExecution? target, CallContext context, Func<Decision, T> change)
    {
        RequestValidation.Set(target?.WorkflowId, "WorkflowId");
        return await engine.RequireSlot(RunEngine.Key(context.Namespace!, target!.WorkflowId), target.RunId)
            .ChangeAsync(turn => change(turn.Decide(turn.Require(target.RunId))))
            .ConfigureAwait(false);
    }
}
