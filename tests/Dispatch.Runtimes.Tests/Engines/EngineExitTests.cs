using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineExitTests(TestEngine engine) : EngineTests(engine)
{
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
        // Docker shows this file as executable, and in the running container it is another one; Podman does not have it before the start.
        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Plan("/etc/hostname")));

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
    public async Task A_container_is_started_once()
    {
        var sink = new RecordingSink();
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
