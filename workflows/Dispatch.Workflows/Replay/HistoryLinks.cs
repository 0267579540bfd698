using System.Collections.Frozen;
using Google.Protobuf.Reflection;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Workflows.Replay;

/// <summary>Events of a history name earlier ones by their ids: what was scheduled, what was started, the task that gave the command. A server never names a wrong one.</summary>
internal static class HistoryLinks
{
    private const string Scheduled = "scheduled_event_id";
    private const string Started = "started_event_id";
    private const string Initiated = "initiated_event_id";
    private const string Task = "workflow_task_completed_event_id";

    private static readonly FrozenSet<string> Names = [Scheduled, Started, Initiated, Task];

    /// <summary>What is wrong with the links of an event; null where nothing is.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="all">The history's events, each at its place as far as this one.</param>
    /// <param name="lastTask">The last completed workflow task before it; 0 where there was none.</param>
    /// <returns>A half sentence that names the link and the event it leads to.</returns>
    public static string? Problem(HistoryEvent recorded, IReadOnlyList<HistoryEvent> all, long lastTask)
    {
        foreach (var (name, id) in Of(recorded))
        {
            var target = id < recorded.EventId ? all[(int)id - 1] : null;
            var fits = target is not null && name switch
            {
                Task => id == lastTask,
                Scheduled => IsOf(target, recorded, "Scheduled"),
                Started => IsOf(target, recorded, "Started") && (Of(recorded, Scheduled), Of(target, Scheduled)) is var (mine, its) && (mine == 0 || mine == its),
                _ => target.EventType.ToString().EndsWith("Initiated", StringComparison.Ordinal),
            };
            if (!fits) return $"names event {id} ({target?.EventType.ToString() ?? "none before it"}) as its {name}";
        }

        return null;
    }

    // ActivityTaskCompleted was scheduled by an ActivityTaskScheduled, TimerFired started by a TimerStarted.
    private static bool IsOf(HistoryEvent target, HistoryEvent recorded, string suffix) =>
        target.EventType.ToString() is var type && type.EndsWith(suffix, StringComparison.Ordinal)
        && recorded.EventType.ToString().StartsWith(type[..^suffix.Length], StringComparison.Ordinal);

    private static long Of(HistoryEvent recorded, string name) => Of(recorded).FirstOrDefault(link => link.Name == name).Id;

    // A server writes 0, in old versions a negative number, where there is nothing to name.
    private static IEnumerable<(string Name, long Id)> Of(HistoryEvent recorded)
    {
        if (recorded.EventType == EventType.WorkflowExecutionStarted) yield break;
        if (HistoryEvent.Descriptor.Oneofs[0].Accessor.GetCaseFieldDescriptor(recorded) is not { } part) yield break;
        var attributes = (Google.Protobuf.IMessage)part.Accessor.GetValue(recorded);
        foreach (var field in part.MessageType.Fields.InFieldNumberOrder())
        {
            if (field.FieldType == FieldType.Int64 && Names.Contains(field.Name) && (long)field.Accessor.GetValue(attributes) is > 0 and var id)
                yield return (field.Name, id);
        }
    }
}
