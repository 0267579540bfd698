using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary><c>dispatch run</c> as a person or a script uses it.</summary>
[Collection(DevCollection.Name)]
public sealed class RunTests(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Fact]
    public async Task Run_streams_both_outputs_to_the_right_streams_and_exits_with_the_jobs_code()
    {
        var ended = await Stack.CliAsync("run", "--process", "--", "sh", "-c", "echo hello; echo oops >&2; exit 3");

        Assert.Equal((3, "hello\n", "oops\n"), (ended.ExitCode, ended.Out, ended.Error));
    }

    [Fact]
    public async Task Run_shows_output_while_the_job_runs()
    {
        var gate = Path.Combine(Stack.NewFolder(), "gate");
        await using var run = Stack.StartCli("run", "--process", "--", "sh", "-c", $"echo first; echo early >&2; while [ ! -e {gate} ]; do sleep 0.1; done; echo last");

        await run.UntilOutAsync("first\n");
        await run.UntilErrorAsync("early\n");
        Assert.False(run.HasExited);
        await File.WriteAllTextAsync(gate, "");

        var ended = await run.EndAsync(Deadlines.Job);
        Assert.Equal((0, "first\nlast\n", "early\n"), (ended.ExitCode, ended.Out, ended.Error));
    }

    [Fact]
    public async Task Run_detached_prints_the_id_alone_and_wait_exits_with_the_jobs_code()
    {
        var detached = await Stack.CliAsync("run", "--detach", "--id", "detached-1", "--process", "--", "sh", "-c", "exit 5");
        Assert.Equal((0, "detached-1\n", ""), (detached.ExitCode, detached.Out, detached.Error));

        var made = (await Stack.CliAsync("run", "-d", "--process", "--", "true")).Ok();
        Assert.Matches("^[0-9a-z]{26}\n$", made);

        var waited = await Stack.CliAsync("wait", "detached-1");
        Assert.Equal(5, waited.ExitCode);
        Assert.Contains("WorkloadExited", waited.Out, StringComparison.Ordinal);
        await Jobs.EndAsync(new(made.Trim()));
    }

    [Fact]
    public async Task The_options_of_run_become_fields_of_the_spec()
    {
        (await Stack.CliAsync(
            "run", "--detach", "--id", "options-1", "--pool", "default", "--cpu", "0.5", "--memory", "64Mi", "--env", "A=1", "--env", "B=x=y", "--constraint", "zone in a,b",
            "--constraint", "ssd exists", "--timeout", "90s", "--priority", "70", "--name", "a name", "--owner", "me", "--label", "team=x", "--process", "--", "sh", "-c", "exit 0")).Ok();

        var view = await Jobs.GetAsync(new("options-1"));

        const string Wanted =
            """{"process":["sh","-c","exit 0"],"env":{"A":"1","B":"x=y"},"resources":{"cpu":0.5,"memory":67108864},"constraints":[{"label":"zone","op":"in","values":["a","b"]},{"label":"ssd","op":"exists"}],"priority":70,"timeouts":{"run":"90s"},"labels":{"team":"x"},"name":"a name","owner":"me"}""";
        Assert.Equal(Digest(Wanted), Digest(view.Spec!.Value.GetRawText()));
        Assert.Equal(JobState.Queued, view.State);
        await Jobs.StopAsync(view.Id);
    }

    [Fact]
    public async Task A_spec_comes_from_a_file_of_YAML_or_JSON_or_from_standard_input()
    {
        var folder = Stack.NewFolder();
        var yaml = Path.Combine(folder, "spec.yaml");
        await File.WriteAllTextAsync(yaml, "process: [sh, -c, 'printf %s \"$ON/$ZERO\"']\nenv: { ON: on, ZERO: 0123 }\ntimeouts: { run: 5m }\n");
        var json = Path.Combine(folder, "spec.json");
        await File.WriteAllTextAsync(json, """{"process":["sh","-c","printf json; exit 4"]}""");

        Assert.Equal("on/0123", (await Stack.CliAsync("run", "-f", yaml)).Ok());
        var overridden = await Stack.CliAsync("run", "-f", yaml, "--env", "ON=off", "--env", "MORE=1");
        Assert.Equal("off/0123", overridden.Ok());
        var fromJson = await Stack.CliAsync("run", "-f", json);
        Assert.Equal((4, "json"), (fromJson.ExitCode, fromJson.Out));
        var piped = await Stack.CliWithInputAsync("""{"process":["sh","-c","printf piped"]}""", "run", "-f", "-");
        Assert.Equal("piped", piped.Ok());
    }

    [Fact]
    public async Task The_spec_that_the_readme_shows_runs_on_what_the_readme_starts()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "README.md"));
        var shown = readme.Split("```yaml\n")[1].Split("```")[0];

        // As a plain process: the images of these tests are their own.
        const string Container = "image: busybox\ncommand: ";
        Assert.StartsWith(Container, shown, StringComparison.Ordinal);
        var spec = Path.Combine(Stack.NewFolder(), "spec.yaml");
        await File.WriteAllTextAsync(spec, "process: " + shown[Container.Length..]);

        Assert.Equal("hello\n", (await Stack.CliAsync("run", "-f", spec)).Ok());
    }

    [Fact]
    public async Task A_job_past_its_deadline_says_so_and_never_exits_with_0()
    {
        var polite = Stack.CliAsync("run", "--timeout", "1s", "--process", "--", "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done");
        var killed = Stack.CliAsync("run", "--timeout", "1s", "--process", "--", "sleep", "300");

        Assert.Equal(125, (await polite).ExitCode);
        Assert.Contains("ExecutionTimeout", (await polite).Error, StringComparison.Ordinal);
        Assert.Equal(143, (await killed).ExitCode);
        Assert.Contains("ExecutionTimeout", (await killed).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunningProcess.Sigint)]
    [InlineData(RunningProcess.Sigterm)]
    public async Task An_interrupt_without_a_terminal_stops_the_job(int signal)
    {
        var id = $"interrupted-{signal}";
        await using var run = Stack.StartCli("run", "--id", id, "--process", "--", "sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done");
        await run.UntilOutAsync("up\n");

        run.Signal(signal);

        var ended = await run.EndAsync(Deadlines.Job);
        Assert.Equal((125, "up\nbye\n"), (ended.ExitCode, ended.Out));
        var view = await Jobs.EndAsync(new(id));
        Assert.Equal((TerminationReason.Cancelled, 0), (view.Reason!.Value, view.ExitCode!.Value));
        Assert.Contains("interrupted", view.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_at_a_terminal_asks_and_leaves_the_job_running_where_that_is_the_answer()
    {
        var job = new JobId("asked-1");
        var line = $"exec {RunningProcess.Dispatch} run --id {job} --process -- sh -c 'echo up; exec sleep 300'";
        await using var terminal = RunningProcess.StartProgram("script", ["-qec", line, "/dev/null"], Stack.Environment, stdin: null);
        await terminal.UntilOutAsync("up");

        await terminal.Input.WriteAsync('\u0003');
        await terminal.Input.FlushAsync();
        await terminal.UntilOutAsync("[s/l]");
        await terminal.Input.WriteAsync("l\n");
        await terminal.Input.FlushAsync();

        var ended = await terminal.EndAsync(Deadlines.Job);
        Assert.Contains("goes on", ended.Out, StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
        await Jobs.UntilAsync(job, view => view.State == JobState.Running);
        await Jobs.StopAsync(job);
    }

    [Fact]
    public async Task Without_a_server_a_verb_says_where_it_looked_and_what_to_start()
    {
        await using var verb = RunningProcess.Start(["run", "--server", "http://127.0.0.1:9", "--process", "--", "true"]);

        (await verb.EndAsync()).Refused(2, "http://127.0.0.1:9", "dispatch dev");
    }

    private static string Digest(string spec)
    {
        var reading = Contracts.Jobs.JobSpecReader.Read(System.Text.Encoding.UTF8.GetBytes(spec));
        Assert.Empty(reading.Errors);
        return Contracts.Jobs.SpecDigest.Of(reading.Spec!);
    }
}
