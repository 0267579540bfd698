using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>The verbs that show and steer jobs.</summary>
[Collection(DevCollection.Name)]
public sealed class VerbTests(DevFixture fixture) : StackTests(fixture.Stack)
{
    private const string Waiting = """{"process":["true"],"constraints":[{"label":"zone","op":"in","values":["nowhere"]}]}""";

    [Fact]
    public async Task A_finished_job_is_shown_by_get_list_operations_why_and_logs()
    {
        var job = (await Jobs.RunAsync("""{"process":["sh","-c","echo out; echo err >&2; exit 3"],"name":"shown","labels":{"team":"verbs"}}""")).Id.Value;

        var get = (await Stack.CliAsync("get", job)).Ok();
        Assert.All(["WorkloadExited", "NonZeroExit", "shown", "team=verbs", "dev (incarnation 1)"], text => Assert.Contains(text, get, StringComparison.Ordinal));

        var list = (await Stack.CliAsync("list", "--label", "team=verbs")).Ok().TrimEnd().Split('\n');
        Assert.Equal(2, list.Length);
        Assert.StartsWith("ID ", list[0], StringComparison.Ordinal);
        Assert.StartsWith(job, list[1], StringComparison.Ordinal);

        var operations = (await Stack.CliAsync("operations", job)).Ok();
        Assert.All(["ConversationOpened", "WorkerSelected", "MessageSent", "MessageReceived", "ConversationClosed"], kind => Assert.Contains(kind, operations, StringComparison.Ordinal));
        Assert.Contains("trigger endpoint(127.0.0.1)", operations, StringComparison.Ordinal);

        Assert.Contains("WorkloadExited", (await Stack.CliAsync("why", job)).Ok(), StringComparison.Ordinal);

        var logs = await Stack.CliAsync("logs", job);
        Assert.Equal((0, "out\n", "err\n"), (logs.ExitCode, logs.Out, logs.Error));
        Assert.Equal("err\n", (await Stack.CliAsync("logs", "-f", "--stream", "stderr", job)).Error);
    }

    [Fact]
    public async Task Json_of_the_verbs_is_what_the_HTTP_API_answers()
    {
        var job = await Jobs.RunAsync("""{"process":["true"]}""");

        var get = await Stack.CliAsync("get", job.Id.Value, "--output", "json");
        Assert.Equal(job.Conversation, JsonSerializer.Deserialize<JobView>(get.Ok(), DispatchJson.Options)!.Conversation);
        var operations = await Stack.CliAsync("operations", job.Id.Value, "--output", "json");
        var listed = JsonSerializer.Deserialize<OperationsView>(operations.Ok(), DispatchJson.Options)!;
        Assert.True(listed.Complete);
        Assert.Equal((await Jobs.OperationsAsync(job.Id)).Operations, listed.Operations);
        var workers = JsonSerializer.Deserialize<WorkerPage>((await Stack.CliAsync("workers", "list", "--output", "json")).Ok(), DispatchJson.Options)!;
        Assert.Equal("dev", Assert.Single(workers.Workers).Id.Value);
        Assert.Equal("dev", JsonSerializer.Deserialize<WorkerView>((await Stack.CliAsync("workers", "get", "dev", "--output", "json")).Ok(), DispatchJson.Options)!.Id.Value);
        Assert.Contains("dev:1", (await Stack.CliAsync("workers", "list")).Ok(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiting_job_says_why_takes_a_priority_and_a_pause_and_is_stopped()
    {
        var job = await Jobs.SubmitAsync(Waiting, "waiting-1");
        await Jobs.UntilAsync(job, view => view.State == JobState.Queued && view.Message is { Length: > 0 });

        var why = (await Stack.CliAsync("why", "waiting-1")).Ok();
        Assert.All(["zone", "nowhere", "dev:1", "constraints"], text => Assert.Contains(text, why, StringComparison.Ordinal));

        (await Stack.CliAsync("priority", "waiting-1", "80", "--reason", "sooner")).Ok();
        Assert.Equal(80, (await Jobs.GetAsync(job)).Priority);

        (await Stack.CliAsync("pause", "waiting-1", "--reason", "not yet")).Ok();
        Assert.Equal(JobState.Paused, (await Jobs.GetAsync(job)).State);
        (await Stack.CliAsync("unpause", "waiting-1", "--reason", "now")).Ok();
        Assert.Equal(JobState.Queued, (await Jobs.GetAsync(job)).State);

        (await Stack.CliAsync("stop", "waiting-1", "--reason", "no longer needed", "--requested-by", "the test")).Ok();
        var ended = await Jobs.EndAsync(job);
        Assert.Equal(TerminationReason.CancelledBeforeStart, ended.Reason);
        Assert.Contains("no longer needed", ended.Message, StringComparison.Ordinal);
        Assert.Contains("the test", ended.Message, StringComparison.Ordinal);
        Assert.Equal([OperationKind.ConversationOpened, OperationKind.ConversationClosed], (await Jobs.OperationsAsync(job)).Operations.Select(operation => operation.Kind));
    }

    [Fact]
    public async Task Extend_moves_the_deadline_of_a_running_job()
    {
        var job = await Jobs.SubmitAsync("""{"process":["sh","-c","echo up; exec sleep 300"],"timeouts":{"run":"8s","stopGrace":"1s"}}""", "extended-1");
        await Jobs.UntilOutAsync(job, "up");

        (await Stack.CliAsync("extend", "extended-1", "--by", "6s", "--reason", "almost there")).Ok();

        var ended = await Jobs.EndAsync(job);
        Assert.Equal(TerminationReason.ExecutionTimeout, ended.Reason);
        Assert.InRange(ended.Report!.Timings.RunSeconds!.Value, 14, 16 + Deadlines.Slack.TotalSeconds);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_its_code_and_remedy()
    {
        foreach (string[] verb in (string[][])[["get", "nosuch"], ["operations", "nosuch"], ["why", "nosuch"], ["logs", "nosuch"], ["logs", "-f", "nosuch"], ["wait", "nosuch"],
            ["stop", "nosuch", "--reason", "x"], ["extend", "nosuch", "--by", "1m", "--reason", "x"], ["priority", "nosuch", "1", "--reason", "x"], ["pause", "nosuch", "--reason", "x"]])
        {
            (await Stack.CliAsync(verb)).Refused(1, "JobNotFound", "nosuch", "list");
        }

        (await Stack.CliAsync("workers", "get", "nosuch")).Refused(1, "nosuch");
        (await Stack.CliAsync("list", "--state", "Asleep")).Refused(2, "Asleep", "Queued");
        (await Stack.CliAsync("list", "--output", "xml")).Refused(2, "xml");
        (await Stack.CliAsync("nosuchverb")).Refused(2, "nosuchverb");
    }

    [Fact]
    public async Task A_control_that_comes_too_late_or_is_nonsense_is_refused_and_changes_nothing()
    {
        var job = await Jobs.SubmitAsync("""{"process":["sh","-c","echo up; exec sleep 300"]}""", "controls-1");
        await Jobs.UntilOutAsync(job, "up");

        (await Stack.CliAsync("pause", "controls-1", "--reason", "x")).Refused(1, "AlreadyRunning");
        (await Stack.CliAsync("extend", "controls-1", "--by", "soon", "--reason", "x")).Refused(1, "InvalidJobSpec", "soon");
        (await Stack.CliAsync("priority", "controls-1", "101", "--reason", "x")).Refused(1, "InvalidJobSpec", "101");
        (await Stack.CliAsync("stop", "controls-1", "--reason", " ")).Refused(1, "InvalidJobSpec", "reason");
        await Jobs.UntilAsync(job, view => view.State == JobState.Running);

        (await Stack.CliAsync("stop", "controls-1", "--now", "--reason", "enough")).Ok();
        Assert.Equal((TerminationReason.Cancelled, 137), ((await Jobs.EndAsync(job)).Reason!.Value, (await Jobs.GetAsync(job)).ExitCode!.Value));
    }
}
