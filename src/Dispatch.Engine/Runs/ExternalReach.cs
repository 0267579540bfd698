using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.Runs;

/// <summary>Carries a signal or cancel request from one workflow to another.</summary>
internal static class ExternalReach
{
    /// <returns>False when there is nobody to reach.</returns>
    public static async Task<bool> TryAsync(RunEngine engine, RunState source, ExternalState external)
    {
        var signal = external.Initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes;
        var cancel = external.Initiated.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes;
        var target = signal?.WorkflowExecution ?? cancel.WorkflowExecution;
        var name = signal?.Namespace ?? cancel.Namespace;
        var key = new WorkflowKey(
            signal?.NamespaceId ?? cancel.NamespaceId, name.Length > 0 ? name : source.Key.Namespace, target.WorkflowId);
        if (key == source.Key && target.RunId is "" || engine.FindSlot(key) is not { } slot)
        {
            return false;
        }

        try
        {
            return await slot.ChangeAsync(turn =>
            {
                var run = turn.Require(target.RunId);
                var childOnly = signal?.ChildWorkflowOnly ?? cancel.ChildWorkflowOnly;
                if (childOnly && !IsChildOf(run.State, source))
                {
                    return false;
                }

                if (signal is not null)
                {
                    Signal(turn.Decide(run), source, external, signal);
                }
                else
                {
                    Cancel(turn.Decide(run), source, external, cancel);
                }

                return true;
            }).ConfigureAwait(false);
        }
        catch (EngineException)
        {
            // The target is gone, closed or full: the source hears of it as an event.
            return false;
        }
    }

    private static bool IsChildOf(RunState target, RunState source) =>
        target.Parent is { } parent && parent.Key == source.Key && parent.RunId == source.RunId;

    private static void Signal(
        Decision decision, RunState source, ExternalState external, SignalExternalWorkflowExecutionInitiatedEventAttributes signal) =>
        External.Signal(
            decision,
            new WorkflowExecutionSignaledEventAttributes
            {
                SignalName = signal.SignalName,
                Input = signal.Input,
                Identity = Closing.EngineIdentity,
                Header = signal.Header,
                ExternalWorkflowExecution = source.Execution,
                RequestId = external.RequestId,
            },
            []);

    private static void Cancel(
        Decision decision, RunState source, ExternalState external, RequestCancelExternalWorkflowExecutionInitiatedEventAttributes cancel) =>
        External.RequestCancel(
            decision,
            new WorkflowExecutionCancelRequestedEventAttributes
            {
                Cause = cancel.Reason,
                ExternalInitiatedEventId = external.InitiatedEventId,
                ExternalWorkflowExecution = source.Execution,
                Identity = Closing.EngineIdentity,
            },
            []);
}
