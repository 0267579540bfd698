using System.Text.Json.Nodes;
using Dispatch.Workflows.Replay;

namespace Dispatch.Replay.Tests;

/// <summary>Histories that are not what they should be are refused with a sentence that says what is wrong; none is taken for a shorter job.</summary>
public sealed class BadHistoryTests
{
    private static readonly string Whole = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "histories", "success.json"));

    [Fact]
    public void One_that_was_cut_in_the_middle_of_its_text_is_refused()
    {
        for (var length = 0; length < Whole.TrimEnd().Length; length += 97)
            Assert.Contains("history", Assert.Throws<FormatException>(() => HistoryFile.Read(Whole[..length])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_without_one_of_its_events_is_refused_and_says_which()
    {
        for (var missing = 1; missing < Events(Whole).Count - 1; missing++)
        {
            var text = Altered(events => events.RemoveAt(missing));
            Assert.Contains($"where event {missing + 1} should be, event {missing + 2} is", Assert.Throws<FormatException>(() => HistoryFile.Read(text)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_with_an_event_twice_or_two_in_the_wrong_order_is_refused()
    {
        Assert.Throws<FormatException>(() => HistoryFile.Read(Altered(events => events.Insert(3, events[2]!.DeepClone()))));
        Assert.Throws<FormatException>(() => HistoryFile.Read(Altered(events =>
        {
            var moved = events[4]!;
            events.RemoveAt(4);
            events.Insert(2, moved);
        })));
    }

    [Fact]
    public void One_whose_close_is_called_another_is_refused()
    {
        var text = Altered(events => events[^1]!["eventType"] = "EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED");
        Assert.Contains("is called WorkflowExecutionTerminated", Assert.Throws<FormatException>(() => HistoryFile.Read(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_whose_event_names_another_than_the_one_it_came_of_is_refused()
    {
        var links = 0;
        for (var at = 1; at < Events(Whole).Count; at++)
        {
            foreach (var link in Events(Whole)[at]!.AsObject().Where(part => part.Value is JsonObject).SelectMany(part => part.Value!.AsObject().Select(field => (Part: part.Key, field.Key)))
                .Where(link => link.Key is "scheduledEventId" or "startedEventId" or "initiatedEventId" or "workflowTaskCompletedEventId"))
            {
                links++;
                var text = Altered(events => events[at]![link.Part]![link.Key] = "1");
                Assert.Contains($"event {at + 1} (", Assert.Throws<FormatException>(() => HistoryFile.Read(text)).Message, StringComparison.Ordinal);
            }
        }

        Assert.True(links > 10);
    }

    [Fact]
    public void One_whose_completion_names_the_start_of_another_task_is_refused()
    {
        var started = Events(Whole).Select((recorded, at) => (Type: recorded!["eventType"]!.GetValue<string>(), Id: $"{at + 1}")).First(entry => entry.Type == "EVENT_TYPE_WORKFLOW_TASK_STARTED").Id;
        var last = Events(Whole).Select((recorded, at) => (Recorded: recorded!, At: at)).Last(entry => entry.Recorded["eventType"]!.GetValue<string>() == "EVENT_TYPE_WORKFLOW_TASK_COMPLETED").At;
        var text = Altered(events => events[last]!["workflowTaskCompletedEventAttributes"]!["startedEventId"] = started);
        Assert.Contains($"names event {started} (WorkflowTaskStarted) as its started_event_id", Assert.Throws<FormatException>(() => HistoryFile.Read(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("x", "no JSON, or was cut off, at line 1")]
    [InlineData("{\"events\":[", "no JSON, or was cut off, at line 1, byte 1")]
    [InlineData("{\"events\":[null]}", "its event 1 is null, not an object.")]
    [InlineData("{\"events\":[{\"eventId\":\"1\"},[]]}", "its event 2 is a list, not an object.")]
    [InlineData("{\"events\":\"x\"}", "its 'events' is a text, not a list.")]
    [InlineData("{\"events\":[{\"eventId\":\"1\"},{\"workflowExecutionStartedEventAttributes\":7}]}", "its event 2 has something else where a server writes an object or a list.")]
    [InlineData("{}", "first event is not WorkflowExecutionStarted")]
    public void What_is_no_history_is_told_in_one_sentence(string text, string said)
    {
        var message = Assert.Throws<FormatException>(() => HistoryFile.Read(text)).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_of_another_program_is_told_apart_and_has_no_operations()
    {
        var history = HistoryFile.Read(Whole.Replace("\"name\": \"Job\"", "\"name\": \"Invoice\"", StringComparison.Ordinal));

        Assert.Contains("'Invoice'", Assert.Throws<FormatException>(() => HistoryOperations.OfJob(history)).Message, StringComparison.Ordinal);
        var difference = Assert.Single((await JobReplayer.ReplayAsync(history)).Differences);
        Assert.Equal(("history", "event 1", "workflow type Invoice"), (difference.What, difference.Where, difference.Recorded));
    }

    [Fact]
    public async Task One_whose_operation_was_renamed_or_taken_out_is_refused()
    {
        var renamed = HistoryFile.Read(Whole.Replace("dispatch.op.0002", "dispatch.op.0009", StringComparison.Ordinal));
        Assert.NotEmpty(HistoryOperations.OfJob(renamed).Problems);
        Assert.False((await JobReplayer.ReplayAsync(renamed)).Same);

        var removed = HistoryFile.Read(Whole.Replace("dispatch.op.0002", "other.op.0002", StringComparison.Ordinal));
        Assert.Contains("dispatch.op.0002", Assert.Throws<FormatException>(() => HistoryOperations.OfJob(removed)).Message, StringComparison.Ordinal);
        Assert.False((await JobReplayer.ReplayAsync(removed)).Same);
    }

    private static JsonArray Events(string text) => JsonNode.Parse(text)!["events"]!.AsArray();

    private static string Altered(Action<JsonArray> alter)
    {
        var history = JsonNode.Parse(Whole)!;
        alter(history["events"]!.AsArray());
        return history.ToJsonString();
    }
}
