using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Engines;
using Dispatch.Runtimes.Tests.Suite;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>A good end comes by the engine's events, or else by the wait; neither depends on the other.</summary>
[Collection(DockerCollection.Name)]
public sealed class DockerEventTests(DockerEngine engine) : EngineTests(engine.Daemon)
{
    [Theory]
    [InlineData("/wait")]
    [InlineData("/events")]
    public async Task A_good_end_is_told_though_one_of_the_two_says_nothing(string silent)
    {
        var folder = Directory.CreateTempSubdirectory("de").FullName;
        try
        {
            await using var proxy = new SocketProxy(Daemon.SocketPath);
            await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = proxy.Endpoint });
            var sink = new RecordingSink();
            var plan = Shell("while [ ! -e /go/on ]; do usleep 10000; done; echo out; echo err >&2") with { Mounts = [new ContainerMount(folder, "/go", ReadOnly: true)] };
            var id = await runtime.CreateAsync(plan, Cancel);
            var started = await runtime.StartAsync(id, sink, Cancel);
            // The wait is told its status at once, and how it ended at the end.
            await UntilAsync(() => proxy.Answered("/events") == 1 && proxy.Answered("/wait") == 1);
            Assert.Equal(1, proxy.Stall(silent));
            await File.WriteAllTextAsync(Path.Combine(folder, "on"), "");

            var exit = await runtime.WaitAsync(id, Cancel);

            Assert.Equal((0, (int?)null, false, false), (exit.Code, exit.Signal, exit.OutOfMemory, exit.RemovedFromOutside));
            Assert.Equal(("out\n", "err\n"), (sink.StdoutText, sink.StderrText));
            Assert.Equal(started.StartedAt, exit.StartedAt);
            Assert.InRange(exit.FinishedAt, exit.StartedAt, DateTimeOffset.UtcNow);
            await runtime.RemoveAsync(id, Cancel);
            Assert.Null(await Daemon.Api.InspectContainerAsync(id));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Many_short_ones_at_once_end_well_with_all_their_output_and_nothing_is_left()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            var (exit, output) = await RunAsync(Shell($"echo {number}"));
            Assert.Equal((0, $"{number}\n"), (exit.Code, output.StdoutText));
        }));

        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task A_lack_of_memory_is_told_though_the_command_makes_light_of_it()
    {
        var (exit, _) = await RunAsync(Shell("tail /dev/zero; exit 0") with { MemoryBytes = 16 << 20 });

        Assert.Equal((0, true), (exit.Code, exit.OutOfMemory));
    }
}
