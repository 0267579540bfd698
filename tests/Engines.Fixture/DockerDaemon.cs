namespace Engines.Fixture;

/// <summary>A real Docker engine: no bridge, no firewall rules.</summary>
public sealed class DockerDaemon : TestEngine
{
    private static readonly TimeSpan ContainerdEndsWithin = TimeSpan.FromSeconds(30);
    private readonly IReadOnlyList<string> _extraArguments;

    private DockerDaemon(IReadOnlyList<string> extraArguments)
        : base("The container tests need a Docker engine of their own. Run 'tests/install-docker' as root (Debian: apt-get install docker.io busybox-static).") =>
        _extraArguments = extraArguments;

    /// <inheritdoc/>
    private protected override string Program => "dockerd";

    /// <summary>Starts an engine and makes the image.</summary>
    /// <param name="extraArguments">More arguments for dockerd.</param>
    /// <returns>The engine, answering.</returns>
    public static Task<DockerDaemon> StartAsync(params string[] extraArguments) => new DockerDaemon(extraArguments).BeginAsync<DockerDaemon>();

    /// <inheritdoc/>
    public override Task ImportAsync(string reference) => BusyboxImage.ImportAsync(Api, reference);

    /// <inheritdoc/>
    private protected override async Task<IReadOnlyList<string>> ArgumentsAsync()
    {
        var config = Path.Combine(Folder, "c.json");
        await File.WriteAllTextAsync(config, "{}");
        return
        [
            "--config-file", config, "-H", Endpoint.OriginalString, "--data-root", Path.Combine(Folder, "d"), "--exec-root", Path.Combine(Folder, "x"),
            "--pidfile", Path.Combine(Folder, "p"), "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            "--userland-proxy=false", .. _extraArguments,
        ];
    }

    /// <inheritdoc/>
    private protected override async Task AfterCrashAsync()
    {
        // Its containerd dies with it. Where nobody reaps that one, the engine would take the pid in this file for a living process.
        var pidFile = Path.Combine(Folder, "x", "containerd", "containerd.pid");
        if (File.Exists(pidFile) && int.TryParse(await File.ReadAllTextAsync(pidFile), out var containerd) && await HostProcesses.EndsWithinAsync(containerd, ContainerdEndsWithin))
            File.Delete(pidFile);
    }
}
