using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Integration.Tests.Stack;
using Temporalio.Common;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>A history that any client saved tells the same as the running system, and this build still does what it says.</summary>
[Collection(DevCollection.Name)]
public sealed class HistoryTests(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Fact]
    public async Task A_job_that_is_placed_at_once_and_succeeds_has_at_most_18_events()
    {
        var job = await Jobs.RunAsync("""{"process":["true"]}""");

        var history = await HistoryAsync(job.Id);

        Assert.True(history.Events.Count <= 18, string.Join('\n', history.Events.Select(one => one.EventType)));
    }

    [Fact]
    public async Task A_saved_history_has_the_same_operations_and_replays_the_same()
    {
        var jobs = await Task.WhenAll(
            Jobs.RunAsync("""{"process":["true"]}"""),
            Jobs.RunAsync("""{"process":["sh","-c","exit 1"],"retry":{"nonZero":{"max":1,"backoff":{"initial":"100ms"}}}}"""),
            Jobs.RunAsync("""{"process":["sleep","300"],"timeouts":{"run":"500ms"}}"""));
        var files = new List<string>();
        foreach (var job in jobs)
        {
            files.Add(await SaveAsync((await HistoryAsync(job.Id)).ToJson()));
            var printed = await Stack.CliAsync("operations", "--history", files[^1], "--output", "json");
            Assert.Equal((await Jobs.OperationsAsync(job.Id)).Operations, JsonSerializer.Deserialize<OperationsView>(printed.Ok(), DispatchJson.Options)!.Operations);
        }

        var table = (await Stack.CliAsync("operations", "--history", files[0])).Ok();
        Assert.Equal((await Stack.CliAsync("operations", jobs[0].Id.Value)).Ok(), table);

        var replayed = await Stack.CliAsync(["replay", .. files]);
        var lines = replayed.Ok().TrimEnd().Split('\n');
        Assert.Equal(files.Count, lines.Length);
        Assert.All(lines, line => Assert.Contains("the same", line, StringComparison.Ordinal));
        Assert.Equal(lines[0], (await Stack.CliAsync("replay", Path.GetDirectoryName(files[0])!)).Ok().TrimEnd());
    }

    [Fact]
    public async Task A_history_with_another_operation_is_reported_with_what_and_where()
    {
        var job = await Jobs.RunAsync("""{"process":["true"]}""");
        var history = JsonNode.Parse((await HistoryAsync(job.Id)).ToJson())!;
        var payload = history["events"]!.AsArray()
            .Select(one => one!["workflowPropertiesModifiedEventAttributes"]?["upsertedMemo"]?["fields"]?["dispatch.op.0002"]).First(found => found is not null)!;
        var operation = Encoding.UTF8.GetString(Convert.FromBase64String((string)payload["data"]!));
        Assert.Contains("\"dev\"", operation, StringComparison.Ordinal);
        payload["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(operation.Replace("\"dev\"", "\"dex\"", StringComparison.Ordinal)));

        var replayed = await Stack.CliAsync("replay", await SaveAsync(history.ToJsonString()));

        Assert.True(replayed.ExitCode == 1, replayed.ToString());
        Assert.All(["DIFFERENT", "dispatch.op.0002", "event", "dex", "dev"], text => Assert.Contains(text, replayed.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_history_with_other_commands_is_reported_as_different()
    {
        var job = await Jobs.RunAsync("""{"process":["true"]}""");
        var history = JsonNode.Parse((await HistoryAsync(job.Id)).ToJson())!;
        var scheduled = history["events"]!.AsArray().Select(one => one!["activityTaskScheduledEventAttributes"]).First(found => found is not null)!;
        scheduled["activityType"]!["name"] = "AnotherActivity";

        var replayed = await Stack.CliAsync("replay", "--output", "json", await SaveAsync(history.ToJsonString()));

        Assert.True(replayed.ExitCode == 1, replayed.ToString());
        var outcome = Assert.Single(replayed.Json.EnumerateArray());
        Assert.False(outcome.GetProperty("same").GetBoolean());
        Assert.NotEmpty(outcome.GetProperty("differences").EnumerateArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1,2]")]
    [InlineData("""{"events":[]}""")]
    [InlineData("""{"events":[{"eventId":"1"}]}""")]
    [InlineData("no JSON at all")]
    public async Task What_is_no_history_is_refused_by_name(string text)
    {
        var file = await SaveAsync(text);

        (await Stack.CliAsync("operations", "--history", file)).Refused(2, file);
        (await Stack.CliAsync("replay", file)).Refused(2, file);
    }

    [Fact]
    public async Task A_history_with_a_hole_is_refused_and_one_of_another_program_is_told_apart()
    {
        const string start = """{"eventId":"1","eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED","workflowExecutionStartedEventAttributes":{"workflowType":{"name":"NAME"}}}""";
        var holed = await SaveAsync($$"""{"events":[{{start.Replace("NAME", "Job", StringComparison.Ordinal)}},{"eventId":"3","eventType":"EVENT_TYPE_WORKFLOW_TASK_STARTED"}]}""");
        var foreign = await SaveAsync($$"""{"events":[{{start.Replace("NAME", "Invoice", StringComparison.Ordinal)}}]}""");

        (await Stack.CliAsync("operations", "--history", holed)).Refused(2, holed, "where event 2 should be, event 3 is");
        (await Stack.CliAsync("replay", holed)).Refused(2, holed, "where event 2 should be, event 3 is");
        (await Stack.CliAsync("operations", "--history", foreign)).Refused(2, foreign, "'Invoice'");
        var replayed = await Stack.CliAsync("replay", foreign);
        Assert.True(replayed.ExitCode == 1 && replayed.Out.Contains("workflow type Invoice", StringComparison.Ordinal), replayed.ToString());

        var both = await Stack.CliAsync("replay", holed, "/no/such/history.json", foreign);
        Assert.True(both.ExitCode == 2 && both.Out.Contains("workflow type Invoice", StringComparison.Ordinal), both.ToString());
        Assert.All([holed, "/no/such/history.json"], file => Assert.Contains(file, both.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_history_file_that_is_not_there_is_refused_by_name()
    {
        (await Stack.CliAsync("replay", "/no/such/history.json")).Refused(2, "/no/such/history.json");
        (await Stack.CliAsync("operations")).Refused(2, "--history");
    }

    private async Task<WorkflowHistory> HistoryAsync(JobId job) => await (await Stack.ConnectAsync()).GetWorkflowHandle(job.Value).FetchHistoryAsync();

    private async Task<string> SaveAsync(string text)
    {
        var file = Path.Combine(Stack.NewFolder(), "history.json");
        await File.WriteAllTextAsync(file, text);
        return file;
    }
}
