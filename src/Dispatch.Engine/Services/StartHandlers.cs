using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Starts workflows.</summary>
internal sealed class StartHandlers(RunEngine engine)
{
    public async Task<StartWorkflowExecutionResponse> StartWorkflowExecution(StartWorkflowExecutionRequest request, CallContext context)
    {
        var key = RunEngine.Key(context.Namespace!, request.WorkflowId);
        var searchAttributes = engine.RulesFor(key).CheckSearchAttributes(request.SearchAttributes);
        var requestId = request.RequestId.Length > 0 ? request.RequestId : engine.Ids.NewId();
        return await engine.Slot(key).ChangeAsync(turn => WorkflowStarts.Start(turn, key, request, requestId, searchAttributes).Response).ConfigureAwait(false);
    }

    public async Task<SignalWithStartWorkflowExecutionResponse> SignalWithStartWorkflowExecution(
        SignalWithStartWorkflowExecutionRequest request, CallContext context)
    {
        var key = RunEngine.Key(context.Namespace!, request.WorkflowId);
        var searchAttributes = engine.RulesFor(key).CheckSearchAttributes(request.SearchAttributes);
        var requestId = request.RequestId.Length > 0 ? request.RequestId : engine.Ids.NewId();
        return await engine.Slot(key)
            .ChangeAsync(turn => SignalWithStart(turn, key, request, requestId, searchAttributes))
            .ConfigureAwait(false);
    }

    private static SignalWithStartWorkflowExecutionResponse SignalWithStart(
        Turn turn, WorkflowKey key, SignalWithStartWorkflowExecutionRequest request, string requestId, SearchAttributes? searchAttributes)
    {
        var (reuse, conflict) = WorkflowStarts.Policies(request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.UseExisting);
        var runId = turn.Ids.NewId();
        var signal = new WorkflowExecutionSignaledEventAttributes
        {
            SignalName = request.SignalName,
            Input = request.SignalInput,
            Identity = request.Identity,
            Header = request.Header,
            RequestId = requestId,
        };
        if (turn.Current is { } current)
        {
            if (!current.State.IsOpen && current.State.StartRequestId == requestId)
            {
                return Answer(current.State, started: false, requestId);
            }

            if (!StartPolicies.Admits(current, reuse, conflict))
            {
                var decision = turn.Decide(current);
                External.Signal(decision, signal, request.Links);
                decision.State = decision.State with { FirstTaskDue = null };
                WorkflowTasks.Schedule(decision);
                return Answer(decision.State, started: false, requestId);
            }

            if (current.State.IsOpen)
            {
                StartPolicies.Replace(turn, current, runId);
            }
        }

        var begun = turn.Begin(WorkflowStarts.StartOf(turn, key, runId, requestId, StartRules.StartPart(request), searchAttributes));
        External.Signal(begun, signal, request.Links, schedulesTask: false);
        Starting.Launch(begun);
        return Answer(begun.State, started: true, requestId);
    }

    private static SignalWithStartWorkflowExecutionResponse Answer(RunState state, bool started, string requestId) => new()
    {
        RunId = state.RunId,
        Started = started,
        FirstExecutionRunId = state.Start.FirstExecutionRunId,
        SignalLink = Links.Request(state.Key, state.RunId, requestId, EventType.WorkflowExecutionSignaled),
    };
}
