using Dispatch.Integration.Tests.Stack;
using Engines.Fixture;

namespace Dispatch.Integration.Tests.Containers;

/// <summary>A real Docker engine, a stack with a worker on it, and a stack whose workers tests start themselves.</summary>
[CollectionDefinition(Name)]
public sealed class DockerCollection : ICollectionFixture<DockerFixture>
{
    public const string Name = "docker";
}

/// <summary>Starts and ends them.</summary>
public sealed class DockerFixture : IAsyncLifetime
{
    public DockerDaemon Daemon { get; private set; } = null!;

    /// <summary>Has the worker <c>dev</c>.</summary>
    public DevStack Stack { get; private set; } = null!;

    /// <summary>Has none; its times are the normal ones, so that a killed worker is back in time also on a loaded machine.</summary>
    public DevStack Bare { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Daemon = await DockerDaemon.StartAsync();
        var docker = Daemon.Endpoint.OriginalString;
        Stack = await DevStack.StartAsync(["--docker", docker, "--runtimes", "docker,process", "--slots", "64", "--cpu", "64", "--memory", "64Gi"], containers: Daemon.Api.ContainerIdsAsync);
        Bare = await DevStack.StartAsync(["--no-worker"], "normal", containers: Daemon.Api.ContainerIdsAsync);
    }

    public async Task DisposeAsync()
    {
        if (Bare is not null)
            await Bare.DisposeAsync();
        if (Stack is not null)
            await Stack.DisposeAsync();
        if (Daemon is not null)
            await Daemon.DisposeAsync();
    }
}
