namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>Stopping, gracefully and not, at every moment.</summary>
public abstract class StopSuite : RuntimeSuite
{
    [Fact, Trait("case", "G13")]
    public async Task G13_a_polite_one_ends_of_the_first_signal()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("echo up; exec sleep 300"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        var began = TimeProvider.System.GetTimestamp();
        await Runtime.StopAsync(id, TimeSpan.FromSeconds(30), Cancel);

        var exit = await Runtime.WaitAsync(id, Cancel);
        Assert.Equal((143, 15), (exit.Code, exit.Signal));
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact, Trait("case", "G13")]
    public async Task G13_a_stubborn_one_is_killed_after_the_grace_and_not_before()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("trap '' TERM; echo up; while :; do sleep 1; done"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        var began = TimeProvider.System.GetTimestamp();
        await Runtime.StopAsync(id, TimeSpan.FromSeconds(1.5), Cancel);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(1.4), TimeSpan.FromSeconds(10));
        var exit = await Runtime.WaitAsync(id, Cancel);
        Assert.Equal((137, 9, false), (exit.Code, exit.Signal, exit.OutOfMemory));
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact, Trait("case", "G14")]
    public async Task G14_one_that_ends_well_when_stopped_keeps_its_code()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await Runtime.StopAsync(id, TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal((0, null), (await Runtime.WaitAsync(id, Cancel) is var exit ? (exit.Code, exit.Signal) : default));
        Assert.Equal("up\nbye\n", sink.StdoutText);
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact, Trait("case", "G15")]
    public async Task G15_stop_and_exit_at_the_same_moment_are_both_fine()
    {
        using var flight = new SemaphoreSlim(8);
        var runs = Enumerable.Range(0, 100).Select(async i =>
        {
            await flight.WaitAsync(Cancel);
            try
            {
                var id = await StartAsync(Shell("sleep 0.3"), new RecordingSink());
                await Task.Delay(250 + i, Cancel);
                await Runtime.StopAsync(id, TimeSpan.FromSeconds(5), Cancel);
                var exit = await Runtime.WaitAsync(id, Cancel);
                await Runtime.StopAsync(id, TimeSpan.FromSeconds(5), Cancel);
                await Runtime.RemoveAsync(id, Cancel);
                return exit;
            }
            finally
            {
                flight.Release();
            }
        });

        Assert.All(await Task.WhenAll(runs), exit => Assert.Contains((exit.Code, exit.Signal), new (int, int?)[] { (0, null), (143, 15) }));
        await Harness.AssertNothingLeftAsync();
    }

    [Fact, Trait("case", "G16")]
    public async Task G16_a_shell_in_front_does_not_cost_the_grace_and_its_child_is_not_left()
    {
        var mark = $"{Environment.ProcessId}.16";
        var sink = new RecordingSink();
        var id = await StartAsync(Shell($"sleep {mark}; echo x"), sink);
        await UntilRunsAsync(mark);

        var began = TimeProvider.System.GetTimestamp();
        await Runtime.StopAsync(id, TimeSpan.FromSeconds(30), Cancel);

        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        Assert.Equal(15, (await Runtime.WaitAsync(id, Cancel)).Signal);
        Assert.Equal("", sink.StdoutText);
        Assert.Empty(HostProcesses.WithArgument(mark));
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task No_grace_kills_at_once()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("trap 'echo no' TERM; echo up; while :; do sleep 0.1; done"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await Runtime.StopAsync(id, TimeSpan.Zero, Cancel);

        Assert.Equal(9, (await Runtime.WaitAsync(id, Cancel)).Signal);
        Assert.Equal("up\n", sink.StdoutText);
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task Two_stops_at_once_both_return()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("echo up; exec sleep 300"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await Task.WhenAll(Runtime.StopAsync(id, TimeSpan.FromSeconds(20), Cancel), Runtime.StopAsync(id, TimeSpan.FromSeconds(20), Cancel));

        Assert.Equal(ContainerPhase.Exited, (await Runtime.InspectAsync(id, Cancel))!.Phase);
        await Runtime.RemoveAsync(id, Cancel);
    }
}
