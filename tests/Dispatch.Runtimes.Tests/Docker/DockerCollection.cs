using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Docker;

/// <summary>One real engine for all tests that need one.</summary>
[CollectionDefinition(Name)]
public sealed class DockerCollection : ICollectionFixture<DockerEngine>
{
    public const string Name = "docker";
}

/// <summary>Starts and stops the engine of the collection.</summary>
public sealed class DockerEngine : IAsyncLifetime
{
    public DockerDaemon Daemon { get; private set; } = null!;

    public async Task InitializeAsync() => Daemon = await DockerDaemon.StartAsync();

    public async Task DisposeAsync()
    {
        if (Daemon is not null)
            await Daemon.DisposeAsync();
    }
}
