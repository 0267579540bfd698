using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using Answers = Temporalio.Api.WorkflowService.V1.ExecuteMultiOperationResponse.Types;
using OperationCase = Temporalio.Api.WorkflowService.V1.ExecuteMultiOperationRequest.Types.Operation.OperationOneofCase;

namespace Dispatch.Engine.Services;

/// <summary>A start and an update in one call: the run's first task carries the update.</summary>
internal sealed class MultiOperationHandlers(RunEngine engine, UpdateHandlers updates)
{
    public async Task<ExecuteMultiOperationResponse> ExecuteMultiOperation(ExecuteMultiOperationRequest request, CallContext context)
    {
        var (start, update) = Checked(request, context);
        var key = RunEngine.Key(context.Namespace!, start.WorkflowId);
        var searchAttributes = engine.RulesFor(key).CheckSearchAttributes(start.SearchAttributes);
        var requestId = start.RequestId.Length > 0 ? start.RequestId : engine.Ids.NewId();
        var asked = updates.Asked(update);
        var slot = engine.Slot(key);
        var (started, isNew, admitted) = await slot.ChangeAsync(turn =>
        {
            if (turn.Current is { } current && Uses(current.State, start, requestId, asked.Meta.UpdateId))
            {
                var found = new StartWorkflowExecutionResponse { RunId = current.State.RunId, Status = current.State.Status };
                return (found, false, Try(1, () => updates.Admit(turn.Decide(current), update, asked)));
            }

            var (response, begun) = Try(0, () => WorkflowStarts.Start(turn, key, start, requestId, searchAttributes));
            var decision = begun ?? turn.Decide(turn.Current!);
            var isVolatile = decision.IsVolatile;
            var taken = Try(1, () => updates.Admit(decision, update, asked));
            decision.IsVolatile = isVolatile;
            return (response, true, taken);
        }).ConfigureAwait(false);
        var answer = await AnswerAsync(slot, admitted, context).ConfigureAwait(false);
        if (!isNew)
        {
            answer.Link = null;
        }

        return new ExecuteMultiOperationResponse
        {
            Responses =
            {
                new Answers.Response { StartWorkflow = started },
                new Answers.Response { UpdateWorkflow = answer },
            },
        };
    }

    private async Task<UpdateWorkflowExecutionResponse> AnswerAsync(
        WorkflowSlot slot, (string RunId, UpdateState Update, Task<UpdateState> Reached) admitted, CallContext context)
    {
        try
        {
            return await updates.AnswerAsync(slot, admitted.RunId, admitted.Update, admitted.Reached, context).ConfigureAwait(false);
        }
        catch (EngineException refusal)
        {
            throw Failure(1, refusal);
        }
    }

    /// <summary>The update goes to the run that there is: an open one that may be used, or a closed one that knows the update.</summary>
    private static bool Uses(RunState state, StartWorkflowExecutionRequest start, string requestId, string updateId) =>
        state.IsOpen
            ? start.WorkflowIdConflictPolicy == WorkflowIdConflictPolicy.UseExisting || state.RequestIds.ContainsKey(requestId)
            : state.Updates.ContainsKey(updateId);

    private static (StartWorkflowExecutionRequest Start, UpdateWorkflowExecutionRequest Update) Checked(
        ExecuteMultiOperationRequest request, CallContext context)
    {
        if (request.Operations is not [{ OperationCase: OperationCase.StartWorkflow } first, { OperationCase: OperationCase.UpdateWorkflow } second])
        {
            throw EngineException.InvalidArgument("Operations have to be exactly [Start, Update].");
        }

        var (start, update) = (first.StartWorkflow, second.UpdateWorkflow);
        Try(0, () =>
        {
            RequestValidation.Check(start, context);
            return start.CronSchedule.Length == 0 && start.WorkflowStartDelay is null && !start.RequestEagerExecution
                ? true
                : throw EngineException.InvalidArgument("CronSchedule, WorkflowStartDelay and RequestEagerExecution are not allowed.");
        });
        Try(1, () =>
        {
            RequestValidation.Check(update, context);
            return update.WorkflowExecution.RunId.Length == 0 && update.FirstExecutionRunId.Length == 0
                && update.WorkflowExecution.WorkflowId == start.WorkflowId
                ? true
                : throw EngineException.InvalidArgument("The update must name the workflow id of the start and no run.");
        });
        return (start, update);
    }

    private static T Try<T>(int operation, Func<T> part)
    {
        try
        {
            return part();
        }
        catch (EngineException refusal)
        {
            throw Failure(operation, refusal);
        }
    }

    /// <summary>The whole is refused with the status of the part that was; the other part is told that it was given up.</summary>
    private static EngineException Failure(int operation, EngineException refusal)
    {
        var refused = new MultiOperationExecutionFailure.Types.OperationStatus { Code = (int)refusal.Code, Message = refusal.Message };
        refused.Details.AddRange(refusal.Details.Select(Any.Pack));
        var aborted = new MultiOperationExecutionFailure.Types.OperationStatus
        {
            Code = (int)StatusCode.Aborted,
            Message = "Operation was aborted.",
            Details = { Any.Pack(new MultiOperationExecutionAborted()) },
        };
        var failure = new MultiOperationExecutionFailure();
        failure.Statuses.AddRange(operation == 0 ? [refused, aborted] : [aborted, refused]);
        return new EngineException(refusal.Code, "Update-with-Start could not be executed.", failure);
    }
}
