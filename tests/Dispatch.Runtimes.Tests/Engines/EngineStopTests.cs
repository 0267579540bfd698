using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineStopTests(TestEngine engine) : EngineTests(engine)
{
    [Fact]
    public async Task Stop_kill_and_remove_of_what_is_not_there_or_not_running_are_no_errors()
    {
        await Runtime.StopAsync("nobody", TimeSpan.FromSeconds(1), Cancel);
        await Runtime.KillAsync("nobody", Cancel);
        await Runtime.RemoveAsync("nobody", Cancel);
        Assert.Null(await Runtime.InspectAsync("nobody", Cancel));

        var created = await Runtime.CreateAsync(Shell("true"), Cancel);
        await Runtime.RemoveAsync(created, Cancel);
        await Runtime.RemoveAsync(created, Cancel);
        Assert.Null(await Runtime.InspectAsync(created, Cancel));
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("kill")]
    [InlineData("the guard's kill")]
    public async Task What_is_killed_before_its_start_is_removed_and_its_start_finds_nothing(string by)
    {
        var id = await Runtime.CreateAsync(Shell("sleep 300") with { Stdin = "in"u8.ToArray() }, Cancel);
        if (by == "the guard's kill")
        {
            await using var guard = NewRuntime();
            await guard.KillAsync(id, Cancel);
        }
        else
        {
            await Runtime.StopAsync(id, by == "stop" ? TimeSpan.FromSeconds(1) : TimeSpan.Zero, Cancel);
        }

        Assert.Null(await Runtime.InspectAsync(id, Cancel));
        var lost = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.StartAsync(id, new RecordingSink(), Cancel));
        Assert.Equal((ErrorCode.WorkerLost, true), (lost.Code, lost.ContainerGone));
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task What_has_ended_is_kept_by_a_kill()
    {
        var sink = new RecordingSink();
        var (id, _) = await StartAsync(Shell("echo said; exit 3"), sink);
        await Runtime.WaitAsync(id, Cancel);

        await using (var guard = NewRuntime())
            await guard.KillAsync(id, Cancel);

        Assert.Equal(3, (await Runtime.InspectAsync(id, Cancel))!.Exit!.Code);
    }

    [Fact]
    public async Task Another_instance_can_kill_and_the_signal_is_not_claimed()
    {
        var sink = new RecordingSink();
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
        var sink = new RecordingSink();
        var (id, _) = await StartAsync(Shell("sleep 300"), sink);
        var waiting = Runtime.WaitAsync(id, Cancel);

        await Runtime.RemoveAsync(id, Cancel);

        // Who removes no longer asks how it ended; what counts is that nobody waits for ever.
        await Task.WhenAny(waiting, Task.Delay(Timeout.Infinite, Cancel));
        Assert.True(waiting.IsCompleted);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }
}
