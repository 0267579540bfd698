using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Signals, cancel requests, terminations and deletions from clients.</summary>
internal sealed class SignalHandlers(RunEngine engine)
{
    public async Task<SignalWorkflowExecutionResponse> SignalWorkflowExecution(SignalWorkflowExecutionRequest request, CallContext context)
    {
        var target = request.WorkflowExecution;
        return await engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId).ChangeAsync(turn =>
        {
            var run = turn.Require(target.RunId);
            External.Signal(
                turn.Decide(run),
                new WorkflowExecutionSignaledEventAttributes
                {
                    SignalName = request.SignalName,
                    Input = request.Input,
                    Identity = request.Identity,
                    Header = request.Header,
                    RequestId = request.RequestId,
                },
                request.Links);
            return new SignalWorkflowExecutionResponse
            {
                Link = Links.Request(run.State.Key, run.State.RunId, request.RequestId, EventType.WorkflowExecutionSignaled),
            };
        }).ConfigureAwait(false);
    }

    public async Task<RequestCancelWorkflowExecutionResponse> RequestCancelWorkflowExecution(
        RequestCancelWorkflowExecutionRequest request, CallContext context)
    {
        var target = request.WorkflowExecution;
        return await engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId).ChangeAsync(turn =>
        {
            var run = turn.Require(target.RunId);
            if (run.State.IsOpen)
            {
                RequireChain(run.State, request.FirstExecutionRunId);
            }

            External.RequestCancel(
                turn.Decide(run),
                new WorkflowExecutionCancelRequestedEventAttributes { Cause = request.Reason, Identity = request.Identity },
                request.Links);
            return new RequestCancelWorkflowExecutionResponse();
        }).ConfigureAwait(false);
    }

    public async Task<TerminateWorkflowExecutionResponse> TerminateWorkflowExecution(
        TerminateWorkflowExecutionRequest request, CallContext context)
    {
        var target = request.WorkflowExecution;
        return await engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId).ChangeAsync(turn =>
        {
            var run = turn.Require(target.RunId);
            Refusals.RequireOpen(run.State);
            RequireChain(run.State, request.FirstExecutionRunId);
            Closing.Terminate(turn.Decide(run), request.Reason, request.Identity, request.Details, request.Links);
            return new TerminateWorkflowExecutionResponse();
        }).ConfigureAwait(false);
    }

    /// <summary>Ends a run that is open, and has it forgotten a little later.</summary>
    public async Task<DeleteWorkflowExecutionResponse> DeleteWorkflowExecution(DeleteWorkflowExecutionRequest request, CallContext context)
    {
        var target = request.WorkflowExecution;
        return await engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId).ChangeAsync(turn =>
        {
            var decision = turn.Decide(turn.Require(target.RunId));
            if (decision.State.IsOpen)
            {
                Closing.Terminate(decision, "Delete workflow execution", Closing.EngineIdentity);
            }

            decision.State = decision.State with { DeletionDue = turn.Now.After(HistoryLimits.DeletionDelay) };
            return new DeleteWorkflowExecutionResponse();
        }).ConfigureAwait(false);
    }

    internal static void RequireChain(RunState state, string firstRunId)
    {
        if (firstRunId.Length > 0 && state.Start.FirstExecutionRunId != firstRunId)
        {
            throw Refusals.NotFound("workflow execution not found");
        }
    }
}
