using Dispatch.Runtimes.Docker;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

/// <summary>The container runtime over an engine of the tests' own.</summary>
internal sealed class EngineHarness(TestEngine daemon, string? network = null) : IRuntimeHarness
{
    private static int _names;
    private DockerRuntime _runtime = New(daemon);

    public IContainerRuntime Runtime => _runtime;

    public bool SeesEverySignal => false;

    /// <summary>Podman's init binary, catatonit, leaves the signals of job control blocked: SIGTSTP, SIGTTIN, SIGTTOU.</summary>
    public ulong BlockedByInit => daemon is PodmanService ? 0b111UL << 19 : 0;

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
            Image = TestEngine.Image,
            Command = command,
            Labels = new Dictionary<string, string> { [ContainerLabels.Job] = name, [ContainerLabels.DataDirectory] = "data" },
            AttemptDirectory = "/nowhere",
            Network = network,
        };
    }

    public async Task AssertNothingLeftAsync() => Assert.Empty(await daemon.Api.ContainerIdsAsync());

    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync();
        foreach (var id in await daemon.Api.ContainerIdsAsync())
            await daemon.Api.RemoveContainerAsync(id);
    }

    private static DockerRuntime New(TestEngine daemon) => new(new DockerRuntimeOptions { Endpoint = daemon.Endpoint });
}
