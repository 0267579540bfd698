using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>Signals and cancel requests, from clients and from other workflows, and what became of those that this run sent.</summary>
internal static class External
{
    /// <summary>Records a signal, once for each request id.</summary>
    public static void Signal(
        Decision decision, WorkflowExecutionSignaledEventAttributes signal, IEnumerable<Link> links, bool schedulesTask = true)
    {
        var state = decision.State;
        Refusals.RequireOpen(state);
        if (signal.RequestId.Length > 0 && state.SignalRequestIds.Contains(signal.RequestId))
        {
            return;
        }

        Refusals.RequireNotClosing(state);
        if (state.SignalCount >= HistoryLimits.SignalsMax)
        {
            throw Frontend.EngineException.InvalidArgument("exceeded workflow execution limit for signal events");
        }

        decision.State = state with
        {
            SignalCount = state.SignalCount + 1,
            SignalRequestIds = signal.RequestId.Length > 0 ? state.SignalRequestIds.Add(signal.RequestId) : state.SignalRequestIds,
        };
        var signaled = new HistoryEvent { WorkflowExecutionSignaledEventAttributes = signal };
        signaled.Links.AddRange(links);
        decision.Add(signaled);
        if (schedulesTask)
        {
            WorkflowTasks.Schedule(decision);
        }
    }

    /// <summary>Records a cancel request; a second one changes nothing. It breaks through a back-off.</summary>
    public static void RequestCancel(
        Decision decision, WorkflowExecutionCancelRequestedEventAttributes request, IEnumerable<Link> links)
    {
        var state = decision.State;
        if (!state.IsOpen || state.CancelRequested)
        {
            return;
        }

        decision.State = state with { CancelRequested = true, FirstTaskDue = null };
        var requested = new HistoryEvent { WorkflowExecutionCancelRequestedEventAttributes = request };
        requested.Links.AddRange(links);
        decision.Add(requested);
        WorkflowTasks.Schedule(decision);
    }

    /// <summary>A signal or cancel request that this run sent has arrived, or could not.</summary>
    public static void RecordReached(Decision decision, ExternalState external, bool wasReached)
    {
        var state = decision.State;
        if (!state.IsOpen || !state.Externals.ContainsKey(external.InitiatedEventId))
        {
            return;
        }

        decision.State = state with { Externals = state.Externals.Remove(external.InitiatedEventId) };
        decision.Add(external.Initiated.SignalExternalWorkflowExecutionInitiatedEventAttributes is { } signal
            ? Signaled(state, external.InitiatedEventId, signal, wasReached)
            : Cancelled(state, external.InitiatedEventId, external.Initiated.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes, wasReached));
        WorkflowTasks.Schedule(decision);
    }

    private static HistoryEvent Signaled(
        RunState state, long initiatedId, SignalExternalWorkflowExecutionInitiatedEventAttributes signal, bool wasReached) => wasReached
        ? new HistoryEvent
        {
            ExternalWorkflowExecutionSignaledEventAttributes = new ExternalWorkflowExecutionSignaledEventAttributes
            {
                InitiatedEventId = initiatedId,
                Namespace = Named(state, signal.Namespace),
                NamespaceId = signal.NamespaceId,
                WorkflowExecution = signal.WorkflowExecution,
                Control = Control(signal),
            },
        }
        : new HistoryEvent
        {
            SignalExternalWorkflowExecutionFailedEventAttributes = new SignalExternalWorkflowExecutionFailedEventAttributes
            {
                Cause = SignalExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
                InitiatedEventId = initiatedId,
                Namespace = Named(state, signal.Namespace),
                NamespaceId = signal.NamespaceId,
                WorkflowExecution = signal.WorkflowExecution,
                Control = Control(signal),
            },
        };

    private static HistoryEvent Cancelled(
        RunState state, long initiatedId, RequestCancelExternalWorkflowExecutionInitiatedEventAttributes request, bool wasReached) => wasReached
        ? new HistoryEvent
        {
            ExternalWorkflowExecutionCancelRequestedEventAttributes = new ExternalWorkflowExecutionCancelRequestedEventAttributes
            {
                InitiatedEventId = initiatedId,
                Namespace = Named(state, request.Namespace),
                NamespaceId = request.NamespaceId,
                WorkflowExecution = request.WorkflowExecution,
            },
        }
        : new HistoryEvent
        {
            RequestCancelExternalWorkflowExecutionFailedEventAttributes = new RequestCancelExternalWorkflowExecutionFailedEventAttributes
            {
                Cause = CancelExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
                InitiatedEventId = initiatedId,
                Namespace = Named(state, request.Namespace),
                NamespaceId = request.NamespaceId,
                WorkflowExecution = request.WorkflowExecution,
                Control = Control(request),
            },
        };

    /// <summary>A command without a namespace means the run's own.</summary>
    private static string Named(RunState state, string given) => given.Length > 0 ? given : state.Key.Namespace;

    private static string Control(SignalExternalWorkflowExecutionInitiatedEventAttributes signal) => signal.Control;

    private static string Control(RequestCancelExternalWorkflowExecutionInitiatedEventAttributes request) => request.Control;
}
