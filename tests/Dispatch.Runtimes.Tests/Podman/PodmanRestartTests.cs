using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Podman;

/// <summary>Podmans of their own: one that lacks things, and one that is killed and comes back.</summary>
public sealed class PodmanRestartTests
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(120));

    private CancellationToken Cancel => _deadline.Token;

    [Fact]
    public async Task Without_an_init_binary_containers_run_without_one_and_the_description_says_so_from_then_on()
    {
        await using var service = await PodmanService.StartAsync(initPath: "/no/such/init");
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = service.Endpoint });
        var sink = new RecordingSink();

        var id = await runtime.CreateAsync(Plan("echo $$; exit 5"), Cancel);
        await runtime.StartAsync(id, sink, Cancel);
        Assert.Equal(5, (await runtime.WaitAsync(id, Cancel)).Code);
        Assert.Equal("1\n", sink.StdoutText);
        Assert.Contains((await runtime.DescribeAsync(Cancel)).Remarks, remark => remark.Contains("catatonit", StringComparison.Ordinal));

        // Nobody looks for the command beforehand then: what hinders the start is told by the runtime below.
        foreach (var (name, command, user, blamed) in new[] { ("missing", "/no/such/tool", null, "'/no/such/tool'"), ("stranger", "true", "nosuch", "nosuch") })
        {
            var plan = Plan("") with { Name = name, Command = [command], User = user };
            var error = await Assert.ThrowsAsync<RuntimeException>(async () => await runtime.StartAsync(await runtime.CreateAsync(plan, Cancel), sink, Cancel));
            Assert.Equal(Contracts.Errors.ErrorCode.StartFailed, error.Code);
            Assert.Contains(blamed, error.Message, StringComparison.Ordinal);
            Assert.Null(await runtime.InspectAsync(name, Cancel));
        }
    }

    [Fact]
    public async Task A_container_outlives_its_engine_and_is_followed_on_when_the_engine_is_back()
    {
        await using var service = await PodmanService.StartAsync();
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = service.Endpoint });
        var sink = new RecordingSink();
        var id = await runtime.CreateAsync(Plan("echo before; while [ ! -e /go ]; do usleep 50000; done; printf after; exit 6"), Cancel);
        var started = await runtime.StartAsync(id, sink, Cancel);
        await UntilAsync(() => sink.StdoutText == "before\n");

        await service.CrashAsync();
        await File.WriteAllTextAsync($"/proc/{started.ProcessId}/root/go", "", Cancel);
        await service.RunAsync();
        var exit = await runtime.WaitAsync(id, Cancel);

        Assert.Equal((6, "before\nafter"), (exit.Code, sink.StdoutText));
    }

    private static ContainerPlan Plan(string script) => new()
    {
        Name = "restart-1",
        Image = TestEngine.Image,
        Command = ["sh", "-c", script],
        Labels = new Dictionary<string, string> { [ContainerLabels.Job] = "c" },
        AttemptDirectory = "/tmp",
        Network = "none",
    };

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, Cancel);
    }
}
