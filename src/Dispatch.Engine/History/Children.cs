using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>What a parent records of its children.</summary>
internal static class Children
{
    public static void RecordStarted(Decision decision, long initiatedEventId, string runId)
    {
        var state = decision.State;
        if (!state.IsOpen || !state.Children.TryGetValue(initiatedEventId, out var child) || child.RunId.Length > 0)
        {
            return;
        }

        var started = decision.Add(new HistoryEvent
        {
            ChildWorkflowExecutionStartedEventAttributes = new ChildWorkflowExecutionStartedEventAttributes
            {
                InitiatedEventId = initiatedEventId,
                Namespace = child.Initiated.Namespace,
                NamespaceId = child.Initiated.NamespaceId,
                WorkflowExecution = new WorkflowExecution { WorkflowId = child.Initiated.WorkflowId, RunId = runId },
                WorkflowType = child.Initiated.WorkflowType,
                Header = child.Initiated.Header,
            },
        });
        decision.State = decision.State with
        {
            Children = decision.State.Children.SetItem(initiatedEventId, child with { RunId = runId, StartedEventId = started.EventId }),
        };
        WorkflowTasks.Schedule(decision);
    }

    public static void RecordStartFailed(Decision decision, long initiatedEventId)
    {
        var state = decision.State;
        if (!state.IsOpen || !state.Children.TryGetValue(initiatedEventId, out var child) || child.RunId.Length > 0)
        {
            return;
        }

        decision.State = state with { Children = state.Children.Remove(initiatedEventId) };
        decision.Add(new HistoryEvent
        {
            StartChildWorkflowExecutionFailedEventAttributes = new StartChildWorkflowExecutionFailedEventAttributes
            {
                Namespace = child.Initiated.Namespace,
                NamespaceId = child.Initiated.NamespaceId,
                WorkflowId = child.Initiated.WorkflowId,
                WorkflowType = child.Initiated.WorkflowType,
                Cause = StartChildWorkflowExecutionFailedCause.WorkflowAlreadyExists,
                InitiatedEventId = initiatedEventId,
                WorkflowTaskCompletedEventId = 0,
            },
        });
        WorkflowTasks.Schedule(decision);
    }

    /// <summary>A child's chain has ended.</summary>
    /// <param name="decision">The parent's decision.</param>
    /// <param name="initiatedEventId">Which child.</param>
    /// <param name="closed">The child's last run.</param>
    public static void RecordClosed(Decision decision, long initiatedEventId, RunState closed)
    {
        var state = decision.State;
        if (!state.IsOpen || !state.Children.TryGetValue(initiatedEventId, out var child))
        {
            return;
        }

        if (child.RunId.Length == 0)
        {
            RecordStarted(decision, initiatedEventId, closed.Start.FirstExecutionRunId);
            child = decision.State.Children[initiatedEventId];
        }

        decision.State = decision.State with { Children = decision.State.Children.Remove(initiatedEventId) };
        decision.Add(ClosedEvent(child, closed));
        WorkflowTasks.Schedule(decision);
    }

    private static HistoryEvent ClosedEvent(ChildState child, RunState closed)
    {
        var (ns, nsId) = (child.Initiated.Namespace, child.Initiated.NamespaceId);
        var (initiated, started) = (child.InitiatedEventId, child.StartedEventId);
        var (execution, type) = (closed.Execution, closed.Start.WorkflowType);
        var closing = closed.CloseEvent!;
        return closing.AttributesCase switch
        {
            HistoryEvent.AttributesOneofCase.WorkflowExecutionCompletedEventAttributes => new HistoryEvent
            {
                ChildWorkflowExecutionCompletedEventAttributes = new ChildWorkflowExecutionCompletedEventAttributes
                {
                    Result = closing.WorkflowExecutionCompletedEventAttributes.Result,
                    Namespace = ns, NamespaceId = nsId, WorkflowExecution = execution, WorkflowType = type,
                    InitiatedEventId = initiated, StartedEventId = started,
                },
            },
            HistoryEvent.AttributesOneofCase.WorkflowExecutionFailedEventAttributes => new HistoryEvent
            {
                ChildWorkflowExecutionFailedEventAttributes = new ChildWorkflowExecutionFailedEventAttributes
                {
                    Failure = closing.WorkflowExecutionFailedEventAttributes.Failure,
                    RetryState = closing.WorkflowExecutionFailedEventAttributes.RetryState,
                    Namespace = ns, NamespaceId = nsId, WorkflowExecution = execution, WorkflowType = type,
                    InitiatedEventId = initiated, StartedEventId = started,
                },
            },
            HistoryEvent.AttributesOneofCase.WorkflowExecutionCanceledEventAttributes => new HistoryEvent
            {
                ChildWorkflowExecutionCanceledEventAttributes = new ChildWorkflowExecutionCanceledEventAttributes
                {
                    Details = closing.WorkflowExecutionCanceledEventAttributes.Details,
                    Namespace = ns, NamespaceId = nsId, WorkflowExecution = execution, WorkflowType = type,
                    InitiatedEventId = initiated, StartedEventId = started,
                },
            },
            HistoryEvent.AttributesOneofCase.WorkflowExecutionTimedOutEventAttributes => new HistoryEvent
            {
                ChildWorkflowExecutionTimedOutEventAttributes = new ChildWorkflowExecutionTimedOutEventAttributes
                {
                    RetryState = closing.WorkflowExecutionTimedOutEventAttributes.RetryState,
                    Namespace = ns, NamespaceId = nsId, WorkflowExecution = execution, WorkflowType = type,
                    InitiatedEventId = initiated, StartedEventId = started,
                },
            },
            _ => new HistoryEvent
            {
                ChildWorkflowExecutionTerminatedEventAttributes = new ChildWorkflowExecutionTerminatedEventAttributes
                {
                    Namespace = ns, NamespaceId = nsId, WorkflowExecution = execution, WorkflowType = type,
                    InitiatedEventId = initiated, StartedEventId = started,
                },
            },
        };
    }
}
