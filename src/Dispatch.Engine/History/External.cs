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
        decision.Add(ResultEvent(state, external, wasReached));
        WorkflowTasks.Schedule(decision);
    }

    private static HistoryEvent ResultEvent(RunState state, ExternalState external, bool wasReached)
    {
        var happened = new HistoryEvent();
        if (external.Initiated.EventType == EventType.SignalExternalWorkflowExecutionInitiated)
        {
            if (wasReached)
            {
                happened.ExternalWorkflowExecutionSignaledEventAttributes = new ExternalWorkflowExecutionSignaledEventAttributes();
            }
            else
            {
                happened.SignalExternalWorkflowExecutionFailedEventAttributes = new SignalExternalWorkflowExecutionFailedEventAttributes
                {
                    Cause = SignalExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
                };
            }
        }
        else if (wasReached)
        {
            happened.ExternalWorkflowExecutionCancelRequestedEventAttributes = new ExternalWorkflowExecutionCancelRequestedEventAttributes();
        }
        else
        {
            happened.RequestCancelExternalWorkflowExecutionFailedEventAttributes = new RequestCancelExternalWorkflowExecutionFailedEventAttributes
            {
                Cause = CancelExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
            };
        }

        // All four name their request in the same words.
        var (source, target) = (EventTypes.Attributes(external.Initiated), EventTypes.Attributes(happened));
        foreach (var name in new[] { "namespace", "namespace_id", "workflow_execution", "control" })
        {
            if (target.Descriptor.FindFieldByName(name) is { } field)
            {
                field.Accessor.SetValue(target, source.Descriptor.FindFieldByName(name).Accessor.GetValue(source));
            }
        }

        target.Descriptor.FindFieldByName("initiated_event_id").Accessor.SetValue(target, external.InitiatedEventId);
        var named = target.Descriptor.FindFieldByName("namespace");
        if (named.Accessor.GetValue(target) is "")
        {
            named.Accessor.SetValue(target, state.Key.Namespace);
        }

        return happened;
    }
}
