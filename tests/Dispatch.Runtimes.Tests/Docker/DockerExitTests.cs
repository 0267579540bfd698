using Dispatch.Contracts.Errors;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class DockerExitTests(DockerEngine engine) : DockerTests(engine)
{
    [Fact]
    public async Task A_container_runs_to_its_end_and_is_removed()
    {
        var (exit, output) = await RunAsync(Shell("echo out; echo err >&2; exit 3"));

        Assert.Equal(3, exit.Code);
        Assert.Null(exit.Signal);
        Assert.False(exit.OutOfMemory);
        Assert.True(exit.FinishedAt >= exit.StartedAt);
        Assert.Equal("out\n", output.StdoutText);
        Assert.Equal("err\n", output.StderrText);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task G02_exit_code_137_is_neither_a_signal_nor_out_of_memory()
    {
        var (exit, _) = await RunAsync(Shell("exit 137") with { MemoryBytes = 64L << 20 });

        Assert.Equal((137, (int?)null, false), (exit.Code, exit.Signal, exit.OutOfMemory));
    }

    [Theory]
    [InlineData("/no/such/tool")]
    [InlineData("no-such-tool")]
    public async Task G03_a_missing_command_fails_at_the_start_by_name_and_leaves_nothing(string command)
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Plan(command, "--x")));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains(command, error.Message, StringComparison.Ordinal);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/proc/version")]
    public async Task A_command_that_is_no_executable_file_fails_at_the_start(string command)
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Plan(command)));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains(command, error.Message, StringComparison.Ordinal);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task A_command_that_only_the_kernel_refuses_is_a_failed_start_too()
    {
        // The engine shows this file as executable; in the running container it is another one.
        using var sink = new MemorySink();
        var (id, _) = await StartAsync(Plan("/etc/hostname"), sink);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.WaitAsync(id, Cancel));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("/etc/hostname", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_returns_127_by_itself_has_run()
    {
        var (exit, _) = await RunAsync(Shell("no-such-tool"));

        Assert.Equal(127, exit.Code);
    }

    [Fact]
    public async Task G04_two_hundred_short_containers_keep_their_code_and_their_output()
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
        Deadline.CancelAfter(TimeSpan.FromMinutes(5));

        Assert.All(await Task.WhenAll(runs), run => Assert.Equal((7, "x"), (run.Exit.Code, run.Output.StdoutText)));
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task A_container_is_started_once()
    {
        using var sink = new MemorySink();
        var (id, _) = await StartAsync(Shell("echo once"), sink);
        await Runtime.WaitAsync(id, Cancel);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.StartAsync(id, sink, Cancel));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Equal("once\n", sink.StdoutText);
    }

    [Fact]
    public async Task Creating_twice_gives_the_container_that_is_there()
    {
        var plan = Shell("true");

        Assert.Equal(await Runtime.CreateAsync(plan, Cancel), await Runtime.CreateAsync(plan, Cancel));
        var other = plan with { Labels = new Dictionary<string, string> { [ContainerLabels.Job] = "another" } };
        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.CreateAsync(other, Cancel));
        Assert.Equal(ErrorCode.StartFailed, error.Code);
    }
}
