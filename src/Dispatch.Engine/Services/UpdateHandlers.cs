using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Grpc.Core;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;
using Stage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace Dispatch.Engine.Services;

/// <summary>Updates from clients.</summary>
internal sealed class UpdateHandlers(RunEngine engine)
{
    /// <summary>A caller is told how far its update is after so long, and asks again.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    public async Task<UpdateWorkflowExecutionResponse> UpdateWorkflowExecution(
        UpdateWorkflowExecutionRequest request, CallContext context)
    {
        var target = request.WorkflowExecution;
        var asked = Asked(request);
        var slot = engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId);
        var (runId, update, reached) = await slot.ChangeAsync(turn =>
        {
            var run = turn.Require(target.RunId);
            SignalHandlers.RequireChain(run.State, request.FirstExecutionRunId);
            return Admit(turn.Decide(run), request, asked);
        }).ConfigureAwait(false);
        return await AnswerAsync(slot, runId, update, reached, context).ConfigureAwait(false);
    }

    public async Task<PollWorkflowExecutionUpdateResponse> PollWorkflowExecutionUpdate(
        PollWorkflowExecutionUpdateRequest request, CallContext context)
    {
        var target = request.UpdateRef.WorkflowExecution;
        var slot = engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId);
        var wanted = request.WaitPolicy is null ? UpdateStage.Admitted : Wanted(request.WaitPolicy, Stage.Unspecified);
        var (runId, update, reached) = slot.Read(turn =>
        {
            var run = turn.Require(target.RunId);
            var known = run.State.Updates.GetValueOrDefault(request.UpdateRef.UpdateId)
                ?? throw Refusals.NotFound($"update {request.UpdateRef.UpdateId} not found");
            return (run.State.RunId, known, Reach(run.State.RunId, known, wanted));
        });
        update = await WaitAsync(slot, runId, update, reached, context).ConfigureAwait(false);
        return new PollWorkflowExecutionUpdateResponse
        {
            UpdateRef = Ref(slot.Key, runId, update.UpdateId),
            Stage = Shown(update.Stage),
            Outcome = update.Outcome,
        };
    }

    /// <summary>The update that a request asks for, with an id of its own when it has none.</summary>
    internal Temporalio.Api.Update.V1.Request Asked(UpdateWorkflowExecutionRequest request)
    {
        var asked = request.Request.Clone();
        asked.Meta ??= new Meta();
        if (asked.Meta.UpdateId.Length == 0)
        {
            asked.Meta.UpdateId = engine.Ids.NewId();
        }

        return asked;
    }

    /// <summary>Takes an update in and begins to wait for the stage that the caller wants.</summary>
    internal (string RunId, UpdateState Update, Task<UpdateState> Reached) Admit(
        Decision decision, UpdateWorkflowExecutionRequest request, Temporalio.Api.Update.V1.Request asked)
    {
        var wanted = Wanted(request.WaitPolicy, Stage.Accepted);
        var admitted = Updates.Admit(decision, asked);
        return (decision.State.RunId, admitted, Reach(decision.State.RunId, admitted, wanted));
    }

    internal async Task<UpdateWorkflowExecutionResponse> AnswerAsync(
        WorkflowSlot slot, string runId, UpdateState update, Task<UpdateState> reached, CallContext context)
    {
        update = await WaitAsync(slot, runId, update, reached, context).ConfigureAwait(false);
        return new UpdateWorkflowExecutionResponse
        {
            UpdateRef = Ref(slot.Key, runId, update.UpdateId),
            Stage = Shown(update.Stage),
            Outcome = update.Outcome,
            Link = update.Stage < UpdateStage.Accepted ? null
                : update.AcceptedEventId == 0 || IsAborted(update) ? Links.Workflow(slot.Key, runId, "Update rejected")
                : Links.Request(slot.Key, runId, "", EventType.WorkflowExecutionUpdateAccepted),
        };
    }

    private static UpdateStage Wanted(WaitPolicy? policy, Stage fallback)
    {
        var stage = policy?.LifecycleStage ?? Stage.Unspecified;
        return (stage == Stage.Unspecified ? fallback : stage) switch
        {
            Stage.Unspecified => UpdateStage.Admitted,
            Stage.Completed => UpdateStage.Completed,
            Stage.Accepted => UpdateStage.Accepted,
            _ => throw new EngineException(StatusCode.PermissionDenied, "cannot wait for an update to be admitted"),
        };
    }

    private Task<UpdateState> Reach(string runId, UpdateState update, UpdateStage wanted) =>
        update.Stage >= wanted ? Task.FromResult(update) : engine.Updates.Wait(runId, update.UpdateId, wanted);

    /// <summary>Waits for the stage, but not too long. The answer is what has been reached by then, which may be more.</summary>
    private async Task<UpdateState> WaitAsync(
        WorkflowSlot slot, string runId, UpdateState update, Task<UpdateState> reached, CallContext context)
    {
        try
        {
            update = await reached.WaitAsync(WaitMax, engine.Clock, context.CancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller is told how far its update is, and asks again.
        }

        return update.Stage == UpdateStage.Completed
            ? update
            : slot.Read(turn => turn.Find(runId)?.State.Updates.GetValueOrDefault(update.UpdateId)) ?? update;
    }

    private static bool IsAborted(UpdateState update) => update.CompletedEventId == 0 && update.Stage == UpdateStage.Completed;

    private static UpdateRef Ref(WorkflowKey key, string runId, string updateId) => new()
    {
        WorkflowExecution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = key.WorkflowId, RunId = runId },
        UpdateId = updateId,
    };

    private static Stage Shown(UpdateStage stage) => stage switch
    {
        UpdateStage.Accepted => Stage.Accepted,
        UpdateStage.Completed => Stage.Completed,
        _ => Stage.Admitted,
    };
}
