using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Podman;

/// <summary>One real Podman for all tests that need one.</summary>
[CollectionDefinition(Name)]
public sealed class PodmanCollection : ICollectionFixture<PodmanEngine>
{
    public const string Name = "podman";
}

/// <summary>Starts and stops the Podman of the collection.</summary>
public sealed class PodmanEngine : IAsyncLifetime
{
    public PodmanService Service { get; private set; } = null!;

    public async Task InitializeAsync() => Service = await PodmanService.StartAsync();

    public async Task DisposeAsync()
    {
        if (Service is not null)
            await Service.DisposeAsync();
    }
}
