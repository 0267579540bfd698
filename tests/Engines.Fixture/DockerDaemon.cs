using System.Diagnostics;
using System.Text;

namespace Engines.Fixture;

/// <summary>
/// A real Docker engine of the tests' own: own socket, data and pid file in a short temporary folder, no bridge, no firewall rules. Started as root,
/// stopped by its pid, its folder removed. Where the machine cannot, the tests fail and say what to install; they never skip.
/// </summary>
public sealed class DockerDaemon : IAsyncDisposable
{
    private const string HowTo = "The container tests need a Docker engine of their own. Run 'tests/install-docker' as root (Debian: apt-get install docker.io busybox-static).";
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly IReadOnlyList<string> _extraArguments;
    private Process? _process;

    private DockerDaemon(string folder, IReadOnlyList<string> extraArguments)
    {
        _folder = folder;
        _extraArguments = extraArguments;
        Api = new EngineApi(SocketPath);
    }

    /// <summary>The image with busybox and nothing else: <c>/bin/sh</c> and a link for each of its applets.</summary>
    public const string Image = "bb:local";

    /// <summary>Path of the engine's socket.</summary>
    public string SocketPath => Path.Combine(_folder, "s");

    /// <summary>The engine's endpoint, for <c>DOCKER_HOST</c>.</summary>
    public Uri Endpoint => new($"unix://{SocketPath}");

    /// <summary>Process id of the engine.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The engine does not run.");

    /// <summary>Plain requests to the engine, for what a test does behind the runtime's back.</summary>
    public EngineApi Api { get; }

    /// <summary>Starts an engine and makes the image.</summary>
    /// <param name="extraArguments">More arguments for dockerd.</param>
    /// <returns>The engine, answering.</returns>
    public static async Task<DockerDaemon> StartAsync(params string[] extraArguments)
    {
        if (Environment.UserName != "root")
            throw new InvalidOperationException($"{HowTo} These tests must run as root.");
        var daemon = new DockerDaemon(Directory.CreateTempSubdirectory("dk").FullName, extraArguments);
        try
        {
            await daemon.RunAsync();
            await BusyboxImage.ImportAsync(daemon.Api, Image);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the engine with SIGKILL, as a crash would.</summary>
    /// <returns>A task that ends with the process.</returns>
    public async Task CrashAsync()
    {
        if (_process is not { } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;

        // Its containerd dies with it. Where nobody reaps that one, the engine would take the pid in this file for a living process.
        var pidFile = Path.Combine(_folder, "x", "containerd", "containerd.pid");
        if (File.Exists(pidFile) && int.TryParse(await File.ReadAllTextAsync(pidFile), out var containerd) && await HostProcesses.EndsWithinAsync(containerd, StopWithin))
            File.Delete(pidFile);
    }

    /// <summary>Starts the engine (again) and waits until it answers.</summary>
    /// <returns>A task that ends when it answers.</returns>
    public async Task RunAsync()
    {
        var config = Path.Combine(_folder, "c.json");
        await File.WriteAllTextAsync(config, "{}");
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardInput = true };
        string[] arguments =
        [
            "--config-file", config, "-H", Endpoint.OriginalString, "--data-root", Path.Combine(_folder, "d"), "--exec-root", Path.Combine(_folder, "x"),
            "--pidfile", Path.Combine(_folder, "p"), "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            "--userland-proxy=false", .. _extraArguments,
        ];
        // The shell becomes dockerd: its log goes to a file that outlives this process's pipes.
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$0\" \"$@\" >> \"$LOG\" 2>&1 < /dev/null");
        start.ArgumentList.Add(FindDaemon());
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["LOG"] = LogPath;
        _process = Process.Start(start) ?? throw new InvalidOperationException("dockerd could not be started.");

        var since = Stopwatch.GetTimestamp();
        while (!await Api.AnswersAsync())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(since) > ReadyWithin)
                throw new InvalidOperationException($"{HowTo} dockerd is there but did not come up. The end of its log:\n{LogEnd()}");
            await Task.Delay(50);
        }
    }

    /// <summary>Removes all containers, stops the engine and removes its folder.</summary>
    /// <returns>A task that ends when nothing is left.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            foreach (var id in await Api.ContainerIdsAsync())
                await Api.RemoveContainerAsync(id);
            await HostProcesses.SignalAsync(process.Id, "TERM");
            using var patience = new CancellationTokenSource(StopWithin);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }

        _process?.Dispose();
        Api.Dispose();
        await HostProcesses.EndThoseOfAsync(_folder);
        await HostProcesses.UnmountBelowAsync(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    private string LogPath => Path.Combine(_folder, "log");

    private static string FindDaemon()
    {
        foreach (var folder in (string[])["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/sbin"])
        {
            if (File.Exists(Path.Combine(folder, "dockerd")))
                return Path.Combine(folder, "dockerd");
        }

        throw new InvalidOperationException($"{HowTo} There is no dockerd on this machine.");
    }

    private string LogEnd()
    {
        var end = new StringBuilder();
        foreach (var line in File.Exists(LogPath) ? File.ReadLines(LogPath).TakeLast(20) : [])
            end.AppendLine(line);
        return end.ToString();
    }
}
