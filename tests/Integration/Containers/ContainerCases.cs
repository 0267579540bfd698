using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Containers;

/// <summary>The cases again, in containers.</summary>
[Collection(DockerCollection.Name)]
public sealed class ContainerCases(DockerFixture fixture) : StackTests(fixture.Stack)
{
    [Fact]
    public async Task Run_streams_a_containers_output_and_exits_with_its_code()
    {
        var ended = await Stack.CliAsync("run", "bb:local", "--memory", "64Mi", "--env", "WHO=you", "--", "sh", "-c", "echo hello $WHO; echo oops >&2; exit 3");

        Assert.Equal((3, "hello you\n", "oops\n"), (ended.ExitCode, ended.Out, ended.Error));
        Assert.Contains("Docker", Stack.Dev.Out, StringComparison.Ordinal);
        await Stack.Dev.UntilOutAsync("docker: The engine has no bridge network");
    }

    [Fact]
    public async Task An_image_that_does_not_exist_is_ImageNotFound()
    {
        var view = await Jobs.RunAsync("""{"image":"no-such-image:1","pullPolicy":"never"}""");

        Assert.Equal((TerminationReason.ImageError, ErrorCode.ImageNotFound, 1), (view.Reason!.Value, view.Error!.Value, view.Report!.AttemptsUsed));
        Assert.Contains("no-such-image:1", view.Message, StringComparison.Ordinal);
        var run = await Stack.CliAsync("run", "--pull", "never", "no-such-image:1");
        run.Refused(125, "ImageNotFound", "no-such-image:1");
    }

    [Fact]
    [Trait("case", "G02")]
    public async Task Exit_code_137_with_memory_to_spare_is_not_out_of_memory()
    {
        var view = await Jobs.RunAsync("""{"image":"bb:local","command":["sh","-c","exit 137"],"resources":{"memory":"64Mi"},"retry":{"outOfMemory":{"max":3,"memoryFactor":2}}}""");

        Assert.Equal((TerminationReason.WorkloadExited, ErrorCode.NonZeroExit, 137, 1, false), (view.Reason!.Value, view.Error!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed, view.Report.Outcome.OutOfMemory));
    }

    [Fact]
    [Trait("case", "G03")]
    public async Task A_command_that_does_not_exist_fails_at_start_and_leaves_no_container()
    {
        var views = await Jobs.RunManyAsync(Enumerable.Repeat("""{"image":"bb:local","command":["/no/such/tool"],"retry":{"nonZero":{"max":3},"workerLost":{"max":3}}}""", 5), 5);

        Assert.All(views, view =>
        {
            Assert.Equal((TerminationReason.StartFailure, ErrorCode.StartFailed, OutcomeKind.Unset, (int?)null, 1), (view.Reason!.Value, view.Error!.Value, view.Report!.Outcome.Kind, view.Report.Outcome.Code, view.Report.AttemptsUsed));
            Assert.Contains("/no/such/tool", view.Message, StringComparison.Ordinal);
        });
        Assert.Empty(await fixture.Daemon.Api.ContainerIdsAsync());
        Assert.Equal(WorkerState.Ready, Assert.Single(await Jobs.WorkersAsync()).State);
        Assert.Equal(0, (await Jobs.RunAsync("""{"image":"bb:local","command":["true"]}""")).ExitCode);
    }

    [Fact]
    [Trait("case", "G04")]
    public async Task A_container_that_is_over_before_anybody_waits_keeps_its_code_and_its_output()
    {
        // A quarter of the case's number: each container costs the engine more than the worker.
        var ended = await Jobs.RunManyAsync(Enumerable.Repeat("""{"image":"bb:local","command":["sh","-c","printf x; exit 7"]}""", 50), 16, TimeSpan.FromMinutes(6));

        Assert.All(ended, view => Assert.Equal((7, "x", 1L, 1), (view.ExitCode!.Value, view.StdoutTail!.Text, view.StdoutTail.TotalBytes, view.Report!.AttemptsUsed)));
    }

    [Fact]
    [Trait("case", "G05")]
    [Trait("case", "G19")]
    public async Task The_last_line_without_a_newline_is_not_lost_and_no_stdin_is_end_of_file()
    {
        var ended = await Task.WhenAll(
            Jobs.RunAsync("""{"image":"bb:local","command":["sh","-c","printf 'a\\nb'; printf 'err-no-nl' >&2"]}"""),
            Jobs.RunAsync("""{"image":"bb:local","command":["cat"]}"""),
            Jobs.RunAsync("""{"image":"bb:local","command":["wc","-l"],"stdin":"line1\nline2\n"}"""));

        Assert.All(ended, view => Assert.Equal(0, view.ExitCode));
        Assert.Equal(("a\nb", "err-no-nl"), (await Jobs.OutAsync(ended[0].Id), await Jobs.ErrorAsync(ended[0].Id)));
        Assert.Equal(("", "2\n"), (await Jobs.OutAsync(ended[1].Id), await Jobs.OutAsync(ended[2].Id)));
    }

    [Fact]
    [Trait("case", "G07")]
    public async Task A_40000_character_line_is_one_line_with_time_stamps_too()
    {
        var job = (await Jobs.RunAsync("""{"image":"bb:local","command":["sh","-c","head -c 40000 /dev/zero | tr '\\0' x; echo"]}""")).Id;

        Shas.Equal(40_001, "e50972c39b902a9e195006850d45815637b39683ff3fca41be63428a08931d58", await Jobs.StdoutAsync(job));
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z x{40000}\n\z", (await Stack.CliAsync("logs", "-t", job.Value)).Ok());
    }

    [Fact]
    [Trait("case", "G09")]
    public async Task Nobody_reading_must_not_stop_the_writer()
    {
        var view = await Jobs.RunAsync("""{"image":"bb:local","command":["sh","-c","head -c 8388608 /dev/zero | tr '\\0' x"],"timeouts":{"run":"60s"}}""");

        Assert.Equal(0, view.ExitCode);
        Shas.Equal(8_388_608, "0c77bc0a0795a93612d45256897456d0fcb24f151c44c150d07ecd03f4ef5168", await Jobs.StdoutAsync(view.Id));
    }

    [Fact]
    [Trait("case", "G15")]
    public async Task Stop_and_exit_at_the_same_moment()
    {
        using var room = new SemaphoreSlim(8);
        var ended = await Task.WhenAll(Enumerable.Range(0, 32).Select(async index =>
        {
            await room.WaitAsync();
            try
            {
                var job = await Jobs.SubmitAsync("""{"image":"bb:local","command":["sh","-c","sleep 0.3"],"timeouts":{"stopGrace":"1s"}}""");
                await Jobs.UntilAsync(job, view => view.StartedAt is not null || view.State == JobState.Closed);
                await Task.Delay(250 + (index * 3));
                var stopped = await Jobs.StopAsync(job);
                Assert.True(stopped.Applied || stopped.Report is not null, stopped.Message);
                return await Jobs.EndAsync(job);
            }
            finally
            {
                room.Release();
            }
        }));

        Assert.All(ended, view => Assert.True(view is { Reason: TerminationReason.WorkloadExited, ExitCode: 0, Error: null } or { Reason: TerminationReason.Cancelled, Error: ErrorCode.Cancelled }, $"{view.Reason} {view.ExitCode} {view.Error} {view.Message}"));
    }

    [Fact]
    [Trait("case", "G16")]
    public async Task A_shell_as_PID_1_does_not_cost_the_whole_grace()
    {
        var job = await Jobs.SubmitAsync("""{"image":"bb:local","command":["sh","-c","sleep 300; echo x"],"timeouts":{"stopGrace":"2s"}}""");
        await Jobs.UntilAsync(job, one => one.StartedAt is not null);

        var asked = DateTimeOffset.UtcNow;
        (await Stack.CliAsync("stop", job.Value, "--reason", "enough")).Ok();

        var view = await Jobs.EndAsync(job);
        Assert.Equal((TerminationReason.Cancelled, "SIGTERM", ""), (view.Reason!.Value, view.Report!.Outcome.SignalName, await Jobs.OutAsync(job)));
        Assert.InRange((view.EndedAt - asked)!.Value.TotalSeconds, -1, 4 + Deadlines.Slack.TotalSeconds);
    }

    [Fact]
    [Trait("case", "G21")]
    public async Task Out_of_memory_is_told_as_out_of_memory_and_the_limit_is_the_limit()
    {
        var job = await Jobs.SubmitAsync("""{"image":"bb:local","command":["sh","-c","sleep 3; exec tail /dev/zero"],"resources":{"memory":"64Mi"}}""", "G21");
        await Jobs.UntilAsync(job, one => one.StartedAt is not null);
        var host = (await fixture.Daemon.Api.InspectContainerAsync(await ContainerEvents.ContainerOfAsync(fixture.Daemon.Api, "G21")))!.Value.GetProperty("HostConfig");

        var view = await Jobs.EndAsync(job);

        Assert.Equal((TerminationReason.OutOfMemory, ErrorCode.OutOfMemory, 137, 1), (view.Reason!.Value, view.Error!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.Equal((true, "SIGKILL"), (view.Report.Outcome.OutOfMemory, view.Report.Outcome.SignalName));
        Assert.Equal((67_108_864, 67_108_864), (host.GetProperty("Memory").GetInt64(), host.GetProperty("MemorySwap").GetInt64()));
    }

    [Fact]
    [Trait("case", "G22")]
    public async Task Orphans_are_reaped_so_the_pids_limit_counts_living_processes()
    {
        var view = await Jobs.RunAsync("""{"image":"bb:local","resources":{"pids":64},"command":["sh","-c","(n=0; while [ $n -lt 200 ]; do (sh -c 'echo x' &); n=$((n+1)); sleep 0.02; done; echo end) & exec sleep 25"]}""");

        Assert.Equal((0, ""), (view.ExitCode!.Value, await Jobs.ErrorAsync(view.Id)));
        var lines = (await Jobs.OutAsync(view.Id)).TrimEnd().Split('\n');
        Assert.Equal((200, 1), (lines.Count(line => line == "x"), lines.Count(line => line == "end")));
    }

    [Fact]
    [Trait("case", "G23")]
    public async Task A_tag_that_does_not_exist_fails_once_and_a_busy_registry_is_tried_again()
    {
        await using var registry = await FakeRegistry.StartAsync();
        const string Retry = """ "command":["true"],"retry":{"pull":{"max":3,"backoff":{"initial":"100ms","factor":1} } } """;

        var missing = await Jobs.RunAsync($$"""{"image":"{{registry.Host}}/missing/img:1",{{Retry}}}""", "G23-missing");
        var busy = await Jobs.RunAsync($$"""{"image":"{{registry.Host}}/busy/img:1",{{Retry}}}""", "G23-busy");

        Assert.Equal((TerminationReason.ImageError, ErrorCode.ImageNotFound, 1), (missing.Reason!.Value, missing.Error!.Value, missing.Report!.AttemptsUsed));
        Assert.Contains($"{registry.Host}/missing/img:1", missing.Message, StringComparison.Ordinal);
        Assert.Equal((TerminationReason.ImageError, ErrorCode.PullFailed, 4), (busy.Reason!.Value, busy.Error!.Value, busy.Report!.AttemptsUsed));
        Assert.Equal(4, registry.Requests.Count(request => request == "GET /v2/busy/img/manifests/1"));
        Assert.Empty(await ContainerEvents.OfJobAsync(fixture.Daemon.Api, "G23-missing"));
        Assert.Empty(await ContainerEvents.OfJobAsync(fixture.Daemon.Api, "G23-busy"));
    }

    [Fact]
    [Trait("case", "G28")]
    [Trait("case", "G29")]
    public async Task Working_directories_and_users_of_a_container()
    {
        var ended = await Task.WhenAll(
            Jobs.RunAsync("""{"image":"bb:local","command":["sh","-c","pwd"],"workingDir":"/no/such/dir"}"""),
            Jobs.RunAsync("""{"image":"bb:local","user":"123456","command":["sh","-c","id -u"]}"""),
            Jobs.RunAsync("""{"image":"bb:local","user":"nosuch","command":["sh","-c","id -u"],"retry":{"nonZero":{"max":2},"workerLost":{"max":2}}}"""));

        Assert.Equal((0, "/no/such/dir\n"), (ended[0].ExitCode!.Value, await Jobs.OutAsync(ended[0].Id)));
        Assert.Equal((0, "123456\n"), (ended[1].ExitCode!.Value, await Jobs.OutAsync(ended[1].Id)));
        Assert.Equal((TerminationReason.StartFailure, ErrorCode.StartFailed, 1), (ended[2].Reason!.Value, ended[2].Error!.Value, ended[2].Report!.AttemptsUsed));
        Assert.Contains("user", ended[2].Message, StringComparison.Ordinal);
        Assert.Contains("nosuch", ended[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("case", "G34")]
    public async Task A_container_that_somebody_else_removes_is_no_success_and_holds_nothing()
    {
        const string Spec = """{"image":"bb:local","command":["sh","-c","echo up; sleep 300"],"retry":{"workerLost":{"max":0}}}""";
        foreach (var stopFirst in (bool[])[false, true])
        {
            var job = await Jobs.SubmitAsync(Spec, $"G34-{stopFirst}");
            await Jobs.UntilOutAsync(job, "up\n");
            var container = await ContainerEvents.ContainerOfAsync(fixture.Daemon.Api, job.Value);
            if (stopFirst)
                await fixture.Daemon.Api.SendAsync(HttpMethod.Post, $"containers/{container}/stop?t=0");
            await fixture.Daemon.Api.RemoveContainerAsync(container);

            var view = await Jobs.EndAsync(job);

            Assert.NotEqual(0, view.ExitCode);
            Assert.NotEqual(OutcomeKind.Success, view.Report!.Outcome.Kind);
            Assert.NotNull(view.Error);
            if (!stopFirst)
                Assert.Contains("removed from outside", view.Message, StringComparison.Ordinal);
            Assert.Equal("up\n", await Jobs.OutAsync(job));
            Assert.Single((await ContainerEvents.OfJobAsync(fixture.Daemon.Api, job.Value)), one => one.Action == "start");
        }
    }
}
