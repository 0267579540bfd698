using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>The Docker runtime over the collection's engine.</summary>
internal sealed class DockerHarness(DockerDaemon daemon) : IRuntimeHarness
{
    private static int _names;
    private DockerRuntime _runtime = New(daemon);

    public IContainerRuntime Runtime => _runtime;

    public bool SeesEverySignal => false;

    public async Task<IContainerRuntime> RestartAsync()
    {
        await _runtime.DisposeAsync();
        return _runtime = New(daemon);
    }

    public ContainerPlan Plan(params string[] command)
    {
        var name = $"suite-{Interlocked.Increment(ref _names)}";
        return new ContainerPlan
        {
            Name = name,
            Image = DockerDaemon.Image,
            Command = command,
            Labels = new Dictionary<string, string> { [ContainerLabels.Job] = name, [ContainerLabels.DataDirectory] = "data" },
            AttemptDirectory = "/nowhere",
        };
    }

    public async Task AssertNothingLeftAsync() => Assert.Empty(await daemon.Api.ContainerIdsAsync());

    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync();
        foreach (var id in await daemon.Api.ContainerIdsAsync())
            await daemon.Api.RemoveContainerAsync(id);
    }

    private static DockerRuntime New(DockerDaemon daemon) => new(new DockerRuntimeOptions { Endpoint = daemon.Endpoint });
}
