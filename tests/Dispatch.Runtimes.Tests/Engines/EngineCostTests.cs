using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

/// <summary>What is asked of the engine for a container, and that what is not asked any more is noticed all the same.</summary>
public abstract class EngineCostTests(TestEngine engine) : EngineTests(engine)
{
    /// <summary>What is asked up to its start for a container whose image and command are known, in order.</summary>
    private protected abstract IEnumerable<string> Requests { get; }

    [Fact]
    public async Task The_second_container_of_an_image_asks_only_what_it_must()
    {
        await using var trace = new EngineTrace(Daemon.SocketPath);
        await using var runtime = new DockerRuntime(new DockerRuntimeOptions { Endpoint = new Uri($"unix://{trace.SocketPath}") });
        await RunAsync(runtime, Plan("true"));
        trace.Take();

        await RunAsync(runtime, Plan("true"));

        var asked = trace.Take().Select(request => request.Name).ToArray();
        Assert.Equal(Requests, asked.Take(Requests.Count()));
        Assert.Equal(1, asked.Count(name => name == Requests.Last()));
    }

    [Fact]
    public async Task A_command_that_a_mount_hides_is_still_missed()
    {
        await RunAsync(Plan("/bin/true"));
        var empty = Directory.CreateTempSubdirectory("dm").FullName;
        try
        {
            var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.CreateAsync(Plan("/bin/true") with { Mounts = [new ContainerMount(empty, "/bin", ReadOnly: true)] }, Cancel));

            Assert.Equal(ErrorCode.StartFailed, error.Code);
            Assert.Contains("/bin/true", error.Message, StringComparison.Ordinal);
            Assert.Empty(await Daemon.Api.ContainerIdsAsync());
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    [Fact]
    public async Task An_image_that_was_removed_since_it_was_looked_at_is_not_found()
    {
        const string image = "gone:local";
        await Daemon.ImportAsync(image);
        var digest = (await Runtime.PullAsync(new ImagePull(image, PullPolicy.Never), Cancel)).Digest;
        await RunAsync(Shell("true") with { Image = image, ImageDigest = digest });
        Assert.True((await Daemon.Api.SendAsync(HttpMethod.Delete, $"images/{image}?force=1")).Status < System.Net.HttpStatusCode.Ambiguous);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.CreateAsync(Shell("true") with { Image = image, ImageDigest = digest }, Cancel));

        Assert.Equal(ErrorCode.ImageNotFound, error.Code);
        Assert.Contains(image, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_is_gone_before_its_start_is_not_started()
    {
        var id = await Runtime.CreateAsync(Plan("true"), Cancel);
        await Daemon.Api.RemoveContainerAsync(id);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.StartAsync(id, new RecordingSink(), Cancel));

        Assert.Equal((ErrorCode.WorkerLost, true), (error.Code, error.ContainerGone));
        Assert.Contains("is not there to be started", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_somebody_else_started_is_not_started_again()
    {
        var id = await Runtime.CreateAsync(Shell("sleep 300"), Cancel);
        await Daemon.Api.SendAsync(HttpMethod.Post, $"containers/{id}/start");

        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.StartAsync(id, new RecordingSink(), Cancel));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains("was started before", error.Message, StringComparison.Ordinal);
    }

    private async Task RunAsync(DockerRuntime runtime, ContainerPlan plan)
    {
        var digest = (await runtime.PullAsync(new ImagePull(TestEngine.Image, PullPolicy.Never), Cancel)).Digest;
        var id = await runtime.CreateAsync(plan with { ImageDigest = digest }, Cancel);
        await runtime.StartAsync(id, new RecordingSink(), Cancel);
        await runtime.WaitAsync(id, Cancel);
        await runtime.RemoveAsync(id, Cancel);
    }
}
