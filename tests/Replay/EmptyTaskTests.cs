using System.Globalization;
using System.Text.Json.Nodes;
using Dispatch.Workflows.Replay;
using Google.Protobuf;

namespace Dispatch.Replay.Tests;

/// <summary>
/// A worker answers a workflow task with nothing while a local activity runs, as where a query waits, and gets the next one at once. What was written down before bears the time of the first; a replay, which
/// does not stop there, has that of the last.
/// </summary>
public sealed class EmptyTaskTests
{
    private const int Added = 3;

    [Fact]
    public async Task What_was_written_after_an_empty_task_may_bear_the_time_of_the_task_before()
    {
        var outcome = await JobReplayer.ReplayAsync(HistoryFile.Read(WithEmptyTask()));
        Assert.True(outcome.Same, string.Join(Environment.NewLine, outcome.Differences));
    }

    /// <summary>The result of the local activity is the first task's then, and what follows from it is counted from the second.</summary>
    [Fact]
    public async Task What_follows_from_a_local_activity_may_be_counted_from_the_next_task()
    {
        var outcome = await JobReplayer.ReplayAsync(HistoryFile.Read(WithEmptyTask(result: true)));
        Assert.True(outcome.Same, string.Join(Environment.NewLine, outcome.Differences));
    }

    [Fact]
    public async Task A_timer_may_be_off_by_no_more_than_those_tasks_took()
    {
        var history = HistoryFile.Read(WithEmptyTask());
        history.Events.First(recorded => recorded.TimerStartedEventAttributes is not null).TimerStartedEventAttributes.StartToFireTimeout.Seconds -= 1;

        Assert.Equal("event 11, timer", Assert.Single((await JobReplayer.ReplayAsync(history)).Differences).Where);
    }

    [Fact]
    public async Task It_may_bear_no_other_time()
    {
        var history = HistoryFile.Read(WithEmptyTask());
        var written = history.Events.First(recorded => recorded.WorkflowPropertiesModifiedEventAttributes is not null);
        var operation = written.WorkflowPropertiesModifiedEventAttributes.UpsertedMemo.Fields["dispatch.op.0001"];
        operation.Data = ByteString.CopyFromUtf8(operation.Data.ToStringUtf8().Replace("T20:33:43.99", "T20:33:43.98", StringComparison.Ordinal));

        var difference = Assert.Single((await JobReplayer.ReplayAsync(history)).Differences);

        Assert.Equal(("operation", "dispatch.op.0001 (event 9)"), (difference.What, difference.Where));
    }

    /// <summary>A kept history whose first workflow task, of 20:33:43.996, is answered with nothing; the next begins 10 ms later, and the limit of the queue is counted from then.</summary>
    /// <param name="result">Whether the first task has the local activity's result.</param>
    private static string WithEmptyTask(bool result = false)
    {
        var history = JsonNode.Parse(KeptHistories.Read("cancel-queued").ToJson())!;
        var events = history["events"]!.AsArray();
        JsonNode[] task = [events[3]!.DeepClone(), events[1]!.DeepClone(), events[2]!.DeepClone()];
        foreach (var recorded in events.Skip(3)) MoveOn(recorded!, from: 2);
        MoveOn(task[1], from: 2);
        MoveOn(task[2], from: 2);
        var began = TimeOf(task[2]).AddMilliseconds(10);
        task[2]["eventTime"] = began.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var queue = events.First(recorded => recorded!["timerStartedEventAttributes"] is not null)!["timerStartedEventAttributes"]!;
        queue["startToFireTimeout"] = string.Create(CultureInfo.InvariantCulture, $"{(TimeSpan.FromHours(1) - (began - TimeOf(events[0]!))).TotalSeconds:0.0000000}s");
        for (var part = 0; part < Added; part++)
        {
            task[part]["eventId"] = Number(4 + part);
            events.Insert(3 + part, task[part]);
        }

        if (result)
        {
            // Event 8, the marker, goes before event 5: 5 to 7 become 6 to 8.
            var marker = events[7]!;
            events.RemoveAt(7);
            events.Insert(4, marker);
            for (var at = 4; at < 8; at++) events[at]!["eventId"] = Number(at + 1);
            marker["markerRecordedEventAttributes"]!["workflowTaskCompletedEventId"] = "4";
            events[6]!["workflowTaskStartedEventAttributes"]!["scheduledEventId"] = "6";
            events[7]!["workflowTaskCompletedEventAttributes"]!["scheduledEventId"] = "6";
            events[7]!["workflowTaskCompletedEventAttributes"]!["startedEventId"] = "7";
            foreach (var recorded in events.Skip(8))
            {
                foreach (var (_, attributes) in recorded!.AsObject().Where(part => part.Value is JsonObject).ToArray())
                {
                    if (attributes!["workflowTaskCompletedEventId"] is { } of && of.GetValue<string>() == "7") attributes["workflowTaskCompletedEventId"] = "8";
                }
            }
        }

        return history.ToJsonString();
    }

    private static DateTimeOffset TimeOf(JsonNode recorded) => DateTimeOffset.Parse(recorded["eventTime"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    /// <summary>Numbers of events that come after the added ones.</summary>
    private static void MoveOn(JsonNode node, int from)
    {
        if (node is JsonArray all)
        {
            foreach (var one in all) MoveOn(one!, from);
        }

        if (node is not JsonObject record) return;
        foreach (var (name, value) in record.ToArray())
        {
            if (value is JsonValue && name.EndsWith("ventId", StringComparison.Ordinal) && int.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture) is var number && number >= from)
                record[name] = Number(number + Added);
            else if (value is JsonObject or JsonArray)
                MoveOn(value, from);
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
