using System.Diagnostics;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class DockerStopTests(DockerEngine engine) : DockerTests(engine)
{
    [Fact]
    public async Task G12_what_is_printed_while_stopping_is_kept()
    {
        using var sink = new MemorySink();
        var (id, _) = await StartAsync(Shell("trap 'for i in 1 2 3; do echo bye$i; done; exit 0' TERM; echo up; while :; do sleep 0.1; done"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await Runtime.StopAsync(id, TimeSpan.FromSeconds(5), Cancel);
        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal((0, (int?)null), (exit.Code, exit.Signal));
        Assert.Equal("up\nbye1\nbye2\nbye3\n", sink.StdoutText);
    }

    [Fact]
    public async Task G13_a_workload_that_ignores_the_first_signal_is_killed_after_the_grace()
    {
        using var sink = new MemorySink();
        var (id, _) = await StartAsync(Shell("trap '' TERM; echo up; while :; do sleep 0.1; done"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        var since = Stopwatch.GetTimestamp();
        await Runtime.StopAsync(id, TimeSpan.FromSeconds(1), Cancel);
        var took = Stopwatch.GetElapsedTime(since);
        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal((137, (int?)9, false), (exit.Code, exit.Signal, exit.OutOfMemory));
        Assert.InRange(took.TotalSeconds, 1, 3);
    }

    [Fact]
    public async Task G16_a_shell_as_first_process_ends_at_the_first_signal()
    {
        using var sink = new MemorySink();
        var (id, _) = await StartAsync(Shell("echo up; sleep 300; echo x"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        var since = Stopwatch.GetTimestamp();
        await Runtime.StopAsync(id, TimeSpan.FromSeconds(10), Cancel);
        var took = Stopwatch.GetElapsedTime(since);
        var exit = await Runtime.WaitAsync(id, Cancel);
        await Runtime.RemoveAsync(id, Cancel);

        Assert.Equal((143, (int?)15), (exit.Code, exit.Signal));
        Assert.Equal("up\n", sink.StdoutText);
        Assert.True(took < TimeSpan.FromSeconds(5), $"took {took}");
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task G15_stop_and_exit_at_the_same_moment_are_no_error_in_either_order()
    {
        for (var round = 0; round < 20; round++)
        {
            using var sink = new MemorySink();
            var (id, _) = await StartAsync(Shell("sleep 0.3"), sink);
            await Task.Delay(250 + (round * 5), Cancel);
            await Runtime.StopAsync(id, TimeSpan.FromSeconds(2), Cancel);
            var exit = await Runtime.WaitAsync(id, Cancel);
            await Runtime.RemoveAsync(id, Cancel);

            Assert.Contains((exit.Code, exit.Signal), new[] { (0, (int?)null), (143, 15) });
        }

        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task Stop_kill_and_remove_of_what_is_not_there_or_not_running_are_no_errors()
    {
        await Runtime.StopAsync("nobody", TimeSpan.FromSeconds(1), Cancel);
        await Runtime.KillAsync("nobody", Cancel);
        await Runtime.RemoveAsync("nobody", Cancel);
        Assert.Null(await Runtime.InspectAsync("nobody", Cancel));

        var created = await Runtime.CreateAsync(Shell("true"), Cancel);
        await Runtime.StopAsync(created, TimeSpan.FromSeconds(1), Cancel);
        await Runtime.KillAsync(created, Cancel);
        Assert.Equal(ContainerPhase.Created, (await Runtime.InspectAsync(created, Cancel))!.Phase);
        await Runtime.RemoveAsync(created, Cancel);
        await Runtime.RemoveAsync(created, Cancel);
        Assert.Null(await Runtime.InspectAsync(created, Cancel));
    }

    [Fact]
    public async Task Another_instance_can_kill_and_the_signal_is_not_claimed()
    {
        using var sink = new MemorySink();
        var (id, _) = await StartAsync(Shell("echo up; sleep 300"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await using (var guard = NewRuntime())
            await guard.KillAsync(id, Cancel);
        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal((137, (int?)null, false), (exit.Code, exit.Signal, exit.OutOfMemory));
    }

    [Fact]
    public async Task Removing_a_running_container_ends_it_and_its_wait()
    {
        using var sink = new MemorySink();
        var (id, _) = await StartAsync(Shell("sleep 300"), sink);
        var waiting = Runtime.WaitAsync(id, Cancel);

        await Runtime.RemoveAsync(id, Cancel);

        // Who removes no longer asks how it ended; what counts is that nobody waits for ever.
        await Task.WhenAny(waiting, Task.Delay(Timeout.Infinite, Cancel));
        Assert.True(waiting.IsCompleted);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task Children_that_outlive_the_main_process_are_ended_with_it()
    {
        var since = Stopwatch.GetTimestamp();
        var (exit, output) = await RunAsync(Shell("echo done; sleep 300 & exit 3"));

        Assert.Equal((3, "done\n"), (exit.Code, output.StdoutText));
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5));
    }
}
