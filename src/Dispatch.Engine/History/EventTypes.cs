using System.Collections.Frozen;
using Google.Protobuf;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>What kinds of events there are, and which of them wait while a workflow task is started.</summary>
internal static class EventTypes
{
    private static readonly FrozenDictionary<HistoryEvent.AttributesOneofCase, EventType> ByAttributes =
        Enum.GetValues<HistoryEvent.AttributesOneofCase>()
            .Where(attributes => attributes != HistoryEvent.AttributesOneofCase.None)
            .ToFrozenDictionary(attributes => attributes, Named);

    private static readonly FrozenSet<EventType> BufferedTypes = new[]
    {
        EventType.WorkflowExecutionSignaled,
        EventType.WorkflowExecutionCancelRequested,
        EventType.ActivityTaskStarted,
        EventType.ActivityTaskCompleted,
        EventType.ActivityTaskFailed,
        EventType.ActivityTaskTimedOut,
        EventType.ActivityTaskCanceled,
        EventType.TimerFired,
        EventType.StartChildWorkflowExecutionFailed,
        EventType.ChildWorkflowExecutionStarted,
        EventType.ChildWorkflowExecutionCompleted,
        EventType.ChildWorkflowExecutionFailed,
        EventType.ChildWorkflowExecutionCanceled,
        EventType.ChildWorkflowExecutionTimedOut,
        EventType.ChildWorkflowExecutionTerminated,
        EventType.ExternalWorkflowExecutionSignaled,
        EventType.SignalExternalWorkflowExecutionFailed,
        EventType.ExternalWorkflowExecutionCancelRequested,
        EventType.RequestCancelExternalWorkflowExecutionFailed,
        EventType.WorkflowExecutionOptionsUpdated,
    }.ToFrozenSet();

    private static readonly FrozenSet<EventType> CompletionTypes = new[]
    {
        EventType.ActivityTaskCompleted,
        EventType.ActivityTaskFailed,
        EventType.ActivityTaskTimedOut,
        EventType.ActivityTaskCanceled,
        EventType.ChildWorkflowExecutionCompleted,
        EventType.ChildWorkflowExecutionFailed,
        EventType.ChildWorkflowExecutionCanceled,
        EventType.ChildWorkflowExecutionTimedOut,
        EventType.ChildWorkflowExecutionTerminated,
    }.ToFrozenSet();

    /// <summary>What the event says, whatever its kind.</summary>
    public static IMessage Attributes(HistoryEvent happened) =>
        (IMessage)HistoryEvent.Descriptor.Oneofs[0].Accessor.GetCaseFieldDescriptor(happened).Accessor.GetValue(happened);

    public static EventType Of(HistoryEvent happened) => ByAttributes[happened.AttributesCase];

    /// <summary>True for events that are no direct product of a workflow task and so may not stand between its Started and its end.</summary>
    public static bool IsBuffered(EventType type) => BufferedTypes.Contains(type);

    /// <summary>True for closes of activities and children; a flush moves them behind everything else.</summary>
    public static bool IsCompletion(EventType type) => CompletionTypes.Contains(type);

    private static EventType Named(HistoryEvent.AttributesOneofCase attributes)
    {
        var name = attributes.ToString();
        return Enum.Parse<EventType>(name[..^"EventAttributes".Length]);
    }
}
