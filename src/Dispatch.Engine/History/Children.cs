using Google.Protobuf;
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

    /// <summary>The child's closing event in the words of its parent: the same result, failure, details and retry state.</summary>
    private static HistoryEvent ClosedEvent(ChildState child, RunState closed)
    {
        var happened = new HistoryEvent();
        var source = EventTypes.Attributes(closed.CloseEvent!);
        var field = HistoryEvent.Descriptor.FindFieldByName("child_" + HistoryEvent.Descriptor.Oneofs[0].Accessor.GetCaseFieldDescriptor(closed.CloseEvent!).Name);
        var target = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        foreach (var copied in target.Descriptor.Fields.InDeclarationOrder())
        {
            var value = copied.Name switch
            {
                "namespace" => child.Initiated.Namespace,
                "namespace_id" => child.Initiated.NamespaceId,
                "workflow_execution" => closed.Execution,
                "workflow_type" => closed.Start.WorkflowType,
                "initiated_event_id" => child.InitiatedEventId,
                "started_event_id" => child.StartedEventId,
                _ => source.Descriptor.FindFieldByName(copied.Name)?.Accessor.GetValue(source),
            };
            if (value is not null)
            {
                copied.Accessor.SetValue(target, value);
            }
        }

        field.Accessor.SetValue(happened, target);
        return happened;
    }
}
