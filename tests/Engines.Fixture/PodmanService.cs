namespace Engines.Fixture;

/// <summary>A real Podman, serving Docker's API: own storage and state, own configuration, nothing of the machine's Podman is read or touched.</summary>
public sealed class PodmanService : TestEngine
{
    private readonly string? _initPath;

    private PodmanService(string? initPath)
        : base("The container tests need a Podman of their own. Run 'tests/install-podman' as root (Debian: apt-get install podman conmon runc catatonit busybox-static).") =>
        _initPath = initPath;

    /// <inheritdoc/>
    private protected override string Program => "podman";

    /// <inheritdoc/>
    private protected override IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["CONTAINERS_CONF"] = ConfigPath,
        ["CONTAINERS_REGISTRIES_CONF"] = RegistriesPath,
    };

    private string ConfigPath => Path.Combine(Folder, "c.conf");

    private string RegistriesPath => Path.Combine(Folder, "r.conf");

    /// <summary>What each call of the program is told of where its state is.</summary>
    private string[] Places =>
        ["--root", Path.Combine(Folder, "d"), "--runroot", Path.Combine(Folder, "x"), "--tmpdir", Path.Combine(Folder, "t"), "--storage-driver", "overlay"];

    /// <summary>Starts Podman and makes the image.</summary>
    /// <param name="initPath">Its init binary; null is its own default.</param>
    /// <returns>Podman, answering.</returns>
    public static Task<PodmanService> StartAsync(string? initPath = null) => new PodmanService(initPath).BeginAsync<PodmanService>();

    /// <inheritdoc/>
    public override async Task ImportAsync(string reference)
    {
        // The API's import forgets the tag.
        var archive = Path.Combine(Folder, "bb.tar");
        await using (var file = File.Create(archive))
        {
            using var layer = await BusyboxImage.BuildAsync();
            await layer.CopyToAsync(file);
        }

        await RunOnceAsync([.. Places, "import", archive, reference]);
        File.Delete(archive);
    }

    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<string>> ArgumentsAsync()
    {
        // The limits a host may not raise are lowered to what every host has; locks in files, since those in memory are shared with the machine's Podman;
        // runc, since crun does not start where cgroup version 1 has controllers beside version 2.
        await File.WriteAllTextAsync(ConfigPath, $"""
            [containers]
            default_ulimits=["nofile=1024:1024","nproc=1024:1024"]
            [engine]
            {(_initPath is null ? "" : $"init_path=\"{_initPath}\"")}
            cgroup_manager="cgroupfs"
            events_logger="file"
            lock_type="file"
            runtime="runc"
            """);
        // The tests' own registry is on the loopback and speaks plain HTTP.
        await File.WriteAllTextAsync(RegistriesPath, """
            unqualified-search-registries = []
            [[registry]]
            location = "127.0.0.1"
            insecure = true
            """);
        return [.. Places, "system", "service", "--time", "0", Endpoint.OriginalString];
    }
}
