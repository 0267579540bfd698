using System.Collections.Immutable;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>Replaces the provisional ids that closes of buffered activities and children give as their Started event.</summary>
internal static class StartedReferences
{
    public static void Rewrite(HistoryEvent happened, IReadOnlyDictionary<long, long> ids)
    {
        switch (happened.AttributesCase)
        {
            case HistoryEvent.AttributesOneofCase.ActivityTaskCompletedEventAttributes:
                happened.ActivityTaskCompletedEventAttributes.StartedEventId =
                    Real(happened.ActivityTaskCompletedEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskFailedEventAttributes:
                happened.ActivityTaskFailedEventAttributes.StartedEventId =
                    Real(happened.ActivityTaskFailedEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskTimedOutEventAttributes:
                happened.ActivityTaskTimedOutEventAttributes.StartedEventId =
                    Real(happened.ActivityTaskTimedOutEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ActivityTaskCanceledEventAttributes:
                happened.ActivityTaskCanceledEventAttributes.StartedEventId =
                    Real(happened.ActivityTaskCanceledEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCompletedEventAttributes:
                happened.ChildWorkflowExecutionCompletedEventAttributes.StartedEventId =
                    Real(happened.ChildWorkflowExecutionCompletedEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionFailedEventAttributes:
                happened.ChildWorkflowExecutionFailedEventAttributes.StartedEventId =
                    Real(happened.ChildWorkflowExecutionFailedEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionCanceledEventAttributes:
                happened.ChildWorkflowExecutionCanceledEventAttributes.StartedEventId =
                    Real(happened.ChildWorkflowExecutionCanceledEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTimedOutEventAttributes:
                happened.ChildWorkflowExecutionTimedOutEventAttributes.StartedEventId =
                    Real(happened.ChildWorkflowExecutionTimedOutEventAttributes.StartedEventId, ids);
                break;
            case HistoryEvent.AttributesOneofCase.ChildWorkflowExecutionTerminatedEventAttributes:
                happened.ChildWorkflowExecutionTerminatedEventAttributes.StartedEventId =
                    Real(happened.ChildWorkflowExecutionTerminatedEventAttributes.StartedEventId, ids);
                break;
            default:
                break;
        }
    }

    public static ImmutableDictionary<long, ChildState> Rewrite(
        ImmutableDictionary<long, ChildState> children, IReadOnlyDictionary<long, long> ids)
    {
        foreach (var child in children.Values)
        {
            if (child.StartedEventId < 0)
            {
                children = children.SetItem(child.InitiatedEventId, child with { StartedEventId = Real(child.StartedEventId, ids) });
            }
        }

        return children;
    }

    private static long Real(long id, IReadOnlyDictionary<long, long> ids) => ids.GetValueOrDefault(id, id);
}
