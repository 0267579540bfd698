using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>Engines of their own: one that lacks things, and one that is killed and comes back.</summary>
public sealed class DockerRestartTests
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(120));

    private CancellationToken Cancel => _deadline.Token;

    [Fact]
    public async Task Without_an_init_binary_containers_run_without_one_and_the_description_says_so()
    {
        await using var daemon = await DockerDaemon.StartAsync("--init-path=/no/such/init");
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = daemon.Endpoint });
        var sink = new RecordingSink();

        Assert.Contains((await runtime.DescribeAsync(Cancel)).Remarks, remark => remark.Contains("docker-init", StringComparison.Ordinal));
        var id = await runtime.CreateAsync(Plan("echo $$; exit 5"), Cancel);
        await runtime.StartAsync(id, sink, Cancel);
        Assert.Equal(5, (await runtime.WaitAsync(id, Cancel)).Code);
        Assert.Equal("1\n", sink.StdoutText);

        var missing = Plan("") with { Name = "missing", Command = ["/no/such/tool"] };
        var error = await Assert.ThrowsAsync<RuntimeException>(async () => await runtime.StartAsync(await runtime.CreateAsync(missing, Cancel), sink, Cancel));
        Assert.Equal(Contracts.Errors.ErrorCode.StartFailed, error.Code);
        Assert.Contains("'/no/such/tool'", error.Message, StringComparison.Ordinal);
        Assert.Null(await runtime.InspectAsync("missing", Cancel));
    }

    [Fact]
    public async Task A_container_that_outlives_its_engine_is_followed_on_when_the_engine_is_back()
    {
        await using var daemon = await DockerDaemon.StartAsync("--live-restore");
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = daemon.Endpoint });
        var sink = new RecordingSink();
        var id = await runtime.CreateAsync(Plan("echo before; while [ ! -e /go ]; do usleep 50000; done; echo after; exit 6"), Cancel);
        var started = await runtime.StartAsync(id, sink, Cancel);
        await UntilAsync(() => sink.StdoutText == "before\n");

        await daemon.CrashAsync();
        await daemon.RunAsync();
        await File.WriteAllTextAsync($"/proc/{started.ProcessId}/root/go", "", Cancel);
        var exit = await runtime.WaitAsync(id, Cancel);

        Assert.Equal(6, exit.Code);
        Assert.Equal("before\nafter\n", sink.StdoutText);
    }

    [Fact]
    public async Task A_container_that_died_with_its_engine_has_ended()
    {
        await using var daemon = await DockerDaemon.StartAsync();
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = daemon.Endpoint });
        var sink = new RecordingSink();
        var id = await runtime.CreateAsync(Plan("echo before; sleep 300"), Cancel);
        await runtime.StartAsync(id, sink, Cancel);
        await UntilAsync(() => sink.StdoutText == "before\n");

        await daemon.CrashAsync();
        await daemon.RunAsync();
        var exit = await runtime.WaitAsync(id, Cancel);

        Assert.NotEqual(0, exit.Code);
        Assert.Equal("before\n", sink.StdoutText);
    }

    private static ContainerPlan Plan(string script) => new()
    {
        Name = "restart-1",
        Image = TestEngine.Image,
        Command = ["sh", "-c", script],
        Labels = new Dictionary<string, string> { [ContainerLabels.Job] = "c" },
        AttemptDirectory = "/tmp",
    };

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, Cancel);
    }
}
