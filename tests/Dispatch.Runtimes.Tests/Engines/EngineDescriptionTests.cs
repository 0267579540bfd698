using System.Diagnostics;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineDescriptionTests(TestEngine engine) : EngineTests(engine)
{
    /// <summary>The runtime's name on this engine.</summary>
    private protected abstract string Name { get; }

    /// <summary>What this engine lacks.</summary>
    private protected abstract IEnumerable<string> Lacks { get; }

    [Fact]
    public async Task The_engine_describes_itself_and_says_what_it_lacks()
    {
        var description = await Runtime.DescribeAsync(Cancel);

        Assert.Equal(Name, Runtime.Name);
        Assert.Contains(Daemon.Endpoint.OriginalString, description.Product, StringComparison.Ordinal);
        Assert.StartsWith($"{Name} {description.Version} ", description.Product, StringComparison.OrdinalIgnoreCase);
        Assert.NotEqual("", description.RuntimeId);
        Assert.StartsWith("linux/", description.Platform, StringComparison.Ordinal);
        Assert.True(description.SurvivesWorker);
        Assert.True(description.RunsImages);
        Assert.Equal(Lacks, description.Remarks);
        Assert.Equal(description.RuntimeId, (await Runtime.DescribeAsync(Cancel)).RuntimeId);
        await Runtime.PingAsync(Cancel);
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_unavailable_whatever_is_asked()
    {
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = new Uri("unix:///tmp/no-engine-here") });
        var sink = new RecordingSink();
        Func<Task>[] calls =
        [
            () => runtime.DescribeAsync(Cancel),
            () => runtime.PingAsync(Cancel),
            () => runtime.PullAsync(new ImagePull("bb:local", PullPolicy.IfNotPresent), Cancel),
            () => runtime.PullAsync(new ImagePull("bb:local", PullPolicy.Always), Cancel),
            () => runtime.CreateAsync(Shell("true"), Cancel),
            () => runtime.StartAsync("c", sink, Cancel),
            () => runtime.AdoptAsync("c", sink, Cancel),
            () => runtime.StopAsync("c", TimeSpan.FromSeconds(1), Cancel),
            () => runtime.KillAsync("c", Cancel),
            () => runtime.RemoveAsync("c", Cancel),
            () => runtime.InspectAsync("c", Cancel),
            () => runtime.ListAsync("d", Cancel),
        ];

        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<RuntimeException>(call);
            Assert.Equal(ErrorCode.RuntimeUnavailable, error.Code);
            Assert.Contains("unix:///tmp/no-engine-here", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_engine_that_says_nothing_is_unavailable_after_the_requests_time()
    {
        await using var proxy = new SocketProxy(Daemon.SocketPath) { Silent = true };
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = proxy.Endpoint, RequestTimeout = TimeSpan.FromMilliseconds(200) });

        var since = Stopwatch.GetTimestamp();
        var error = await Assert.ThrowsAsync<RuntimeException>(() => runtime.InspectAsync("c", Cancel));

        Assert.Equal(ErrorCode.RuntimeUnavailable, error.Code);
        Assert.Contains("0.2 s", error.Message, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task An_engine_that_is_slow_to_describe_itself_is_asked_once_however_many_wait()
    {
        await using var proxy = new SocketProxy(Daemon.SocketPath) { Silent = true };
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions
        {
            Endpoint = proxy.Endpoint, RequestTimeout = TimeSpan.FromMilliseconds(200), DescribeTimeout = TimeSpan.FromSeconds(2),
        });

        var asked = Enumerable.Range(0, 3).Select(_ => runtime.DescribeAsync(Cancel)).ToArray();
        await Assert.ThrowsAsync<TimeoutException>(() => asked[0].WaitAsync(TimeSpan.FromMilliseconds(600)));
        Assert.Equal(1, proxy.CountOpen("/version"));

        foreach (var one in asked)
        {
            var error = await Assert.ThrowsAsync<RuntimeException>(() => one);
            Assert.Contains("2 s", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_told_so_and_not_that_the_engine_is_away()
    {
        await using var proxy = new SocketProxy(Daemon.SocketPath) { Silent = true };
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = proxy.Endpoint });
        using var impatient = new CancellationTokenSource(100);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runtime.InspectAsync("c", impatient.Token));
    }

    [Fact]
    public async Task A_wait_ends_when_the_engine_stays_away_too_long()
    {
        await using var proxy = new SocketProxy(Daemon.SocketPath);
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions
        {
            Endpoint = proxy.Endpoint,
            RequestTimeout = TimeSpan.FromSeconds(2),
            UnavailableAfter = TimeSpan.FromSeconds(1),
        });
        var sink = new RecordingSink();
        var id = await runtime.CreateAsync(Shell("sleep 300"), Cancel);
        await runtime.StartAsync(id, sink, Cancel);
        await proxy.DisposeAsync();

        Assert.Equal(ErrorCode.RuntimeUnavailable, (await Assert.ThrowsAsync<RuntimeException>(() => runtime.WaitAsync(id, Cancel))).Code);
    }

    [Fact]
    public async Task Usage_is_told_where_the_container_ran_long_enough_to_be_measured()
    {
        var (exit, _) = await RunAsync(Shell("dd if=/dev/zero of=/dev/null bs=20M count=1 2>/dev/null; timeout 3 sh -c 'while :; do :; done'; exit 0") with { CpuCores = 1 });

        Assert.InRange(exit.CpuSeconds!.Value, 0.3, 3.5);
        Assert.InRange(exit.PeakMemoryBytes!.Value, 10 << 20, 256 << 20);
    }
}
