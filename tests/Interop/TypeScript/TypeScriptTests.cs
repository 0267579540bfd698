using System.Text.Json;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Interop.Tests.TypeScript;

/// <summary>Dispatch from the official TypeScript SDK, without anything of ours on that side.</summary>
public sealed class TypeScriptTests(TypeScriptPrograms programs) : IClassFixture<TypeScriptPrograms>
{
    private readonly string _id = $"ts-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_job_is_started_and_its_result_read()
    {
        await programs.ClientAsync("start", _id, Process("echo hello; echo oops >&2"));
        var report = (await programs.ClientAsync("result", _id)).GetProperty("result");
        Assert.Equal(_id, report.GetProperty("job").GetString());
        Assert.Equal("WorkloadExited", report.GetProperty("reason").GetString());
        Assert.Equal("Success", report.GetProperty("outcome").GetProperty("kind").GetString());
        Assert.Equal(0, report.GetProperty("outcome").GetProperty("code").GetInt32());
        Assert.Equal(1, report.GetProperty("attemptsUsed").GetInt32());
        Assert.Equal("hello\n", await programs.Stack.Jobs.OutAsync(new JobId(_id)));
    }

    [Fact]
    public async Task A_job_that_fails_tells_its_code_and_its_report()
    {
        await programs.ClientAsync("start", _id, Process("exit 3"));
        var failure = (await programs.ClientAsync("result", _id)).GetProperty("failure");
        Assert.Equal("NonZeroExit", failure.GetProperty("type").GetString());
        Assert.True(failure.GetProperty("nonRetryable").GetBoolean());
        var report = Assert.Single(failure.GetProperty("details").EnumerateArray());
        Assert.Equal(3, report.GetProperty("outcome").GetProperty("code").GetInt32());
        Assert.Equal("Failure", report.GetProperty("outcome").GetProperty("kind").GetString());
        Assert.Equal("NonZeroExit", report.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_spec_that_is_wrong_is_told_as_such()
    {
        await programs.ClientAsync("start", _id, new { procces = new[] { "true" } });
        var failure = (await programs.ClientAsync("result", _id)).GetProperty("failure");
        Assert.Equal("InvalidJobSpec", failure.GetProperty("type").GetString());
        Assert.Contains("procces", failure.GetProperty("message").GetString()!, StringComparison.Ordinal);
        Assert.NotEmpty(failure.GetProperty("details")[0].GetProperty("specErrors").EnumerateArray());
    }

    [Fact]
    public async Task A_running_job_is_queried_described_found_and_stopped()
    {
        await programs.ClientAsync("start", _id, new { process = new[] { "sleep", "600" }, labels = new { team = _id } });
        await UntilSentAsync(_id);
        var status = await programs.ClientAsync("status", _id);
        Assert.Equal(_id, status.GetProperty("job").GetString());
        Assert.Equal(1, status.GetProperty("attempt").GetInt32());
        Assert.NotEmpty(status.GetProperty("worker").GetString()!);

        var operations = (await programs.ClientAsync("operations", _id)).GetProperty("operations").EnumerateArray().ToArray();
        Assert.Equal(["ConversationOpened", "WorkerSelected", "MessageSent"], operations.Select(one => one.GetProperty("kind").GetString()));
        var described = await programs.ClientAsync("describe", _id);
        Assert.Equal("RUNNING", described.GetProperty("status").GetString());
        Assert.Equal("ConversationOpened", described.GetProperty("memo").GetProperty("dispatch.op.0001").GetProperty("kind").GetString());
        Assert.Equal(_id, Assert.Single((await programs.ClientAsync("list", "-", $"DispatchLabels = 'team={_id}'")).GetProperty("found").EnumerateArray()).GetString());

        await programs.ClientAsync("stop", _id, new { requestedBy = "typescript", reason = "enough" });
        var failure = (await programs.ClientAsync("result", _id)).GetProperty("failure");
        Assert.Equal("Cancelled", failure.GetProperty("details")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_cancelled_job_is_cancelled_for_its_client()
    {
        await programs.ClientAsync("start", _id, Process("sleep 600"));
        await UntilSentAsync(_id);
        await programs.ClientAsync("cancel", _id);
        Assert.Equal("CancelledFailure", (await programs.ClientAsync("result", _id)).GetProperty("failure").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_workflow_sees_the_failure_of_a_job_that_is_its_child()
    {
        await using var worker = await programs.WorkerAsync();
        await programs.ClientAsync("own", _id, new { type = "tellFailure", args = new[] { Process("exit 5") } });
        var told = (await programs.ClientAsync("result", _id)).GetProperty("result");
        Assert.Equal("NonZeroExit", told.GetProperty("type").GetString());
        Assert.Equal(5, told.GetProperty("report").GetProperty("outcome").GetProperty("code").GetInt32());
        await StopAsync(worker);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_workflow_with_jobs_as_children_outlives_its_worker(bool killed)
    {
        var gate = Path.Combine(programs.Stack.NewFolder(), "go");
        object[] jobs = [Process($"while [ ! -e {gate} ]; do sleep 0.05; done"), new { process = new[] { "sh", "-c", "exit 4" }, exit = new { nonZero = "data" } }];
        await using (var first = await programs.WorkerAsync())
        {
            await programs.ClientAsync("own", _id, new { type = "pipeline", args = new[] { jobs } });
            await UntilSentAsync($"{_id}-0");
            Assert.Equal(0, (await programs.ClientAsync("query", _id, "done")).GetProperty("answer").GetInt32());
            if (killed)
                await first.CrashAsync();
            else
                await StopAsync(first);
        }

        // The child ends and the signal comes while nobody works on the parent.
        await File.WriteAllTextAsync(gate, "");
        await programs.Stack.Jobs.EndAsync(new JobId($"{_id}-0"));
        await programs.ClientAsync("signal", _id, "goOn");

        await using var second = await programs.WorkerAsync();
        await Until.HoldsAsync("the second job has ended", async () => (await programs.ClientAsync("query", _id, "done")).GetProperty("answer").GetInt32() == 2, Deadlines.Job);
        await programs.ClientAsync("signal", _id, "goOn");
        Assert.Equal([0, 4], (await programs.ClientAsync("result", _id)).GetProperty("result").EnumerateArray().Select(code => code.GetInt32()));
        await StopAsync(second);
    }

    private static object Process(string line) => new { process = new[] { "sh", "-c", line } };

    private Task UntilSentAsync(string job) => Until.HoldsAsync(
        $"{job} is sent", async () => (await programs.Stack.Jobs.Http.GetAsync(new Uri(ApiPaths.Job(new JobId(job)), UriKind.Relative))) is { IsSuccessStatusCode: true } answer
            && JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("state").GetString() is "Sent" or "Running", Deadlines.Job);

    private static async Task StopAsync(RunningProcess worker)
    {
        worker.Signal(RunningProcess.Sigterm);
        Assert.Contains("stopped", (await worker.EndAsync(Deadlines.Role)).Ok(), StringComparison.Ordinal);
    }
}
