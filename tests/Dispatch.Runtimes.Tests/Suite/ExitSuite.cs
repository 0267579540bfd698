using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>How things end, and what cannot begin.</summary>
public abstract class ExitSuite : RuntimeSuite
{
    [Fact]
    public async Task Code_and_both_streams_come_back_and_nothing_is_left()
    {
        var (exit, output) = await RunAsync(Shell("echo out; echo err >&2; exit 3"));

        Assert.Equal((3, (int?)null, false), (exit.Code, exit.Signal, exit.OutOfMemory));
        Assert.Equal(("out\n", "err\n"), (output.StdoutText, output.StderrText));
        Assert.InRange(exit.FinishedAt - exit.StartedAt, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        await Harness.AssertNothingLeftAsync();
    }

    [Theory, Trait("case", "G01")]
    [InlineData("TERM", 15)]
    [InlineData("KILL", 9)]
    [InlineData("HUP", 1)]
    [InlineData("SEGV", 11)]
    public async Task G01_death_by_a_signal_is_told_as_that_signal(string name, int number)
    {
        var (exit, _) = await RunAsync(Shell($"kill -{name} $$"));

        Assert.Equal((128 + number, Harness.SeesEverySignal ? number : (int?)null, false), (exit.Code, exit.Signal, exit.OutOfMemory));
    }

    [Theory, Trait("case", "G02")]
    [InlineData(137)]
    [InlineData(143)]
    [InlineData(255)]
    [InlineData(126)]
    public async Task G02_a_high_exit_code_is_no_signal_and_no_lack_of_memory(int code)
    {
        var (exit, _) = await RunAsync(Shell($"exit {code}"));

        Assert.Equal((code, (int?)null, false), (exit.Code, exit.Signal, exit.OutOfMemory));
    }

    [Theory, Trait("case", "G03")]
    [InlineData("/no/such/tool")]
    [InlineData("no-such-tool")]
    [InlineData("./tool")]
    public async Task G03_a_missing_command_fails_at_the_start_by_name_and_the_next_runs(string command)
    {
        for (var i = 0; i < 5; i++)
        {
            var error = await RefusedAsync(Harness.Plan(command, "--x"));
            Assert.Equal(ErrorCode.StartFailed, error.Code);
            Assert.Contains(command, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await RunAsync("true")).Exit.Code);
    }

    [Fact, Trait("case", "G03")]
    public async Task G03_a_file_that_is_no_program_fails_at_the_start()
    {
        var error = await RefusedAsync(Harness.Plan("/etc/passwd"));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("/etc/passwd", error.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("case", "G04")]
    public async Task G04_what_is_over_before_anybody_waits_keeps_its_code_and_its_output()
    {
        using var flight = new SemaphoreSlim(16);
        var runs = Enumerable.Range(0, 200).Select(async _ =>
        {
            await flight.WaitAsync(Cancel);
            try
            {
                return await RunAsync(Shell("printf x; exit 7"));
            }
            finally
            {
                flight.Release();
            }
        });

        Assert.All(await Task.WhenAll(runs), run => Assert.Equal((7, "x"), (run.Exit.Code, run.Output.StdoutText)));
        await Harness.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task What_was_started_is_never_started_again()
    {
        var sink = new RecordingSink();
        var plan = Shell("echo once");
        var id = await StartAsync(plan, sink);
        await Runtime.WaitAsync(id, Cancel);

        var second = new RecordingSink();
        try
        {
            await Runtime.StartAsync(id, second, Cancel);
            await Runtime.WaitAsync(id, Cancel);
        }
        catch (RuntimeException error)
        {
            Assert.Equal(ErrorCode.StartFailed, error.Code);
        }

        Assert.Equal("once\n", sink.StdoutText);
        Assert.Contains(second.StdoutText, new[] { "", "once\n" });
        Assert.Equal(id, await Runtime.CreateAsync(plan, Cancel));
        Assert.Equal(ContainerPhase.Exited, (await Runtime.InspectAsync(id, Cancel))!.Phase);
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task Every_phase_can_be_looked_at_and_what_is_not_there_is_null()
    {
        var plan = Shell("sleep 300");
        Assert.Null(await Runtime.InspectAsync(plan.Name, Cancel));
        var id = await Runtime.CreateAsync(plan, Cancel);
        Assert.Equal(ContainerPhase.Created, (await Runtime.InspectAsync(id, Cancel))!.Phase);

        var started = await Runtime.StartAsync(id, new RecordingSink(), Cancel);
        var running = (await Runtime.InspectAsync(id, Cancel))!;
        Assert.Equal((ContainerPhase.Running, started.ProcessId), (running.Phase, running.ProcessId));
        Assert.Equal(plan.Name, running.Name);
        Assert.Equal(plan.Labels[ContainerLabels.Job], running.Labels[ContainerLabels.Job]);

        await Runtime.StopAsync(id, TimeSpan.Zero, Cancel);
        var exited = (await Runtime.InspectAsync(id, Cancel))!;
        Assert.Equal((ContainerPhase.Exited, 137), (exited.Phase, exited.Exit!.Code));
        var listed = await Runtime.ListAsync(plan.Labels[ContainerLabels.DataDirectory], Cancel);
        Assert.Equal(plan.Name, Assert.Single(listed).Name);
        Assert.Empty(await Runtime.ListAsync("another", Cancel));

        await Runtime.RemoveAsync(id, Cancel);
        Assert.Null(await Runtime.InspectAsync(id, Cancel));
        await Harness.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task What_is_not_there_is_stopped_and_removed_without_an_error()
    {
        await Runtime.StopAsync("no-such-container", TimeSpan.FromSeconds(1), Cancel);
        await Runtime.RemoveAsync("no-such-container", Cancel);
        Assert.Null(await Runtime.InspectAsync("no-such-container", Cancel));
    }

    [Fact]
    public async Task What_still_runs_is_killed_when_it_is_removed()
    {
        var mark = $"{Environment.ProcessId}.71";
        var id = await StartAsync(Shell($"sleep {mark}"), new RecordingSink());
        await UntilRunsAsync(mark);

        await Runtime.RemoveAsync(id, Cancel);

        Assert.Empty(HostProcesses.WithArgument(mark));
        await Harness.AssertNothingLeftAsync();
    }

    [Fact, Trait("case", "G21")]
    public async Task G21_lack_of_memory_is_told_as_such()
    {
        if ((await Runtime.DescribeAsync(Cancel)).Remarks.Any(remark => remark.Contains("memory", StringComparison.OrdinalIgnoreCase)))
            return;
        var (exit, _) = await RunAsync(Shell("exec tail /dev/zero") with { MemoryBytes = 64L << 20 });

        Assert.Equal((137, 9, true), (exit.Code, exit.Signal, exit.OutOfMemory));
    }

    [Theory]
    [InlineData(0, 64, 1.0)]
    [InlineData(64 << 20, 0, 1.0)]
    [InlineData(64 << 20, 64, 0.0)]
    [InlineData(-1, 64, 1.0)]
    public async Task Bad_limits_fail_at_the_start(long memory, int pids, double cpu)
    {
        var error = await RefusedAsync(Harness.Plan("true") with { MemoryBytes = memory, PidsMax = pids, CpuCores = cpu });

        Assert.Equal(ErrorCode.StartFailed, error.Code);
    }
}
