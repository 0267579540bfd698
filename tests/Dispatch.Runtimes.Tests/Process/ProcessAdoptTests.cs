using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Process;

public sealed class ProcessAdoptTests : AdoptSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync();

    [Fact, Trait("case", "G34")]
    public async Task G34_one_whose_folder_was_taken_away_still_tells_how_it_ended()
    {
        var sink = new RecordingSink();
        var plan = Shell("echo up; sleep 0.7; echo down; exit 7");
        var id = await StartAsync(plan, sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        Directory.Delete(plan.AttemptDirectory, recursive: true);
        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal((7, "up\ndown\n"), (exit.Code, sink.StdoutText));
        await Runtime.RemoveAsync(id, Cancel);
        await Harness.AssertNothingLeftAsync();
    }

    [Fact, Trait("case", "G34")]
    public async Task G34_one_that_somebody_killed_is_told_as_killed()
    {
        var sink = new RecordingSink();
        var id = await Runtime.CreateAsync(Shell("echo up; sleep 300"), Cancel);
        var started = await Runtime.StartAsync(id, sink, Cancel);
        await UntilAsync(() => sink.StdoutText == "up\n");

        ProcessIdentity.Of(started.ProcessId!.Value)!.Value.Signal(9);

        Assert.Equal((137, 9, false), await Runtime.WaitAsync(id, Cancel) is var exit ? (exit.Code, exit.Signal, exit.OutOfMemory) : default);
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task A_sink_that_fails_fails_the_wait_and_the_next_capture_goes_on_from_its_positions()
    {
        var broken = true;
        var sink = new RecordingSink
        {
            BeforeAppend = _ => broken ? throw new IOException("disk full") : Task.CompletedTask,
        };
        var id = await StartAsync(Shell("echo a; sleep 0.5; echo b; exit 3"), sink);
        await Assert.ThrowsAsync<IOException>(() => Runtime.WaitAsync(id, Cancel));

        broken = false;
        await Runtime.AdoptAsync(id, sink, Cancel);

        Assert.Equal(3, (await Runtime.WaitAsync(id, Cancel)).Code);
        Assert.Equal("a\nb\n", sink.StdoutText);
        await Runtime.RemoveAsync(id, Cancel);
    }
}

/// <summary>The same on a host that gives no cgroups.</summary>
public sealed class ProcessAdoptWithoutCgroupsTests : AdoptSuite
{
    protected override Task<IRuntimeHarness> OpenAsync() => ProcessHarness.OpenAsync(useCgroups: false);
}
