using Temporalio.Api.History.V1;
using Case = Temporalio.Api.History.V1.HistoryEvent.AttributesOneofCase;

namespace Dispatch.Workflows.Replay;

/// <summary>
/// Where a query waits while a local activity runs, the worker answers its workflow task with nothing, or with the activity's result alone, and gets the next one at once. What it wrote down by then bears
/// the time of the first, and what it wrote afterwards that of the last; a replay, which does not stop there, may have another of the two.
/// </summary>
internal static class LinkedTasks
{
    /// <summary>From the start of the first of such workflow tasks to the answer of the one in which an event was written.</summary>
    /// <param name="events">The history.</param>
    /// <param name="id">The event's number.</param>
    /// <returns>When it began and when it was answered; null where its workflow task was the only one.</returns>
    public static (DateTimeOffset From, DateTimeOffset To)? SpanOf(IReadOnlyList<HistoryEvent> events, long id)
    {
        DateTimeOffset from = default, to = default;
        var linked = false;
        for (var at = 0; at < events.Count && events[at].EventId <= id; at++)
        {
            var time = events[at].EventTime.ToDateTimeOffset();
            switch (events[at].AttributesCase)
            {
                case Case.WorkflowTaskStartedEventAttributes:
                    linked = IsLinked(events, at - 1);
                    if (!linked) from = time;
                    break;
                case Case.WorkflowTaskCompletedEventAttributes:
                    to = time;
                    break;
            }
        }

        return linked ? (from, to) : null;
    }

    /// <summary>Whether a workflow task was scheduled by the answer of the one before, with nothing but results of local activities between.</summary>
    private static bool IsLinked(IReadOnlyList<HistoryEvent> events, int scheduled)
    {
        var before = scheduled - 1;
        while (before > 0 && events[before].AttributesCase == Case.MarkerRecordedEventAttributes) before--;
        return before > 0 && events[before].AttributesCase == Case.WorkflowTaskCompletedEventAttributes;
    }
}
