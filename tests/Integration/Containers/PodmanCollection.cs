using Dispatch.Integration.Tests.Stack;
using Engines.Fixture;

namespace Dispatch.Integration.Tests.Containers;

/// <summary>A real Podman, and a stack whose workers tests start themselves.</summary>
[CollectionDefinition(Name)]
public sealed class PodmanCollection : ICollectionFixture<PodmanFixture>
{
    public const string Name = "podman";
}

/// <summary>Starts and ends them.</summary>
public sealed class PodmanFixture : IAsyncLifetime
{
    private string _userFolder = "";

    public PodmanService Service { get; private set; } = null!;

    /// <summary>Has no worker; its times are the normal ones, so that a killed worker is back in time also on a loaded machine.</summary>
    public DevStack Stack { get; private set; } = null!;

    /// <summary>Where a user's Podman listens.</summary>
    public string Socket => Path.Combine(_userFolder, "podman", "podman.sock");

    /// <summary>A user's environment in which that socket is found.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["XDG_RUNTIME_DIR"] = _userFolder, ["DOCKER_HOST"] = "" };

    public async Task InitializeAsync()
    {
        Service = await PodmanService.StartAsync();
        _userFolder = Path.Combine(Service.Folder, "u");
        Directory.CreateDirectory(Path.GetDirectoryName(Socket)!);
        File.CreateSymbolicLink(Socket, Service.SocketPath);
        Stack = await DevStack.StartAsync(["--no-worker"], "normal", containers: Service.Api.ContainerIdsAsync);
    }

    public async Task DisposeAsync()
    {
        if (Stack is not null)
            await Stack.DisposeAsync();
        if (Service is not null)
            await Service.DisposeAsync();
    }
}
