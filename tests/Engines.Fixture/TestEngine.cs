using System.Diagnostics;
using System.Text;

namespace Engines.Fixture;

/// <summary>
/// A real container engine of the tests' own: own socket, state and log in a short temporary folder. Started as root, stopped by its pid, its folder
/// removed. Where the machine cannot, the tests fail and say what to install; they never skip.
/// </summary>
public abstract class TestEngine : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);
    private static readonly string[] ProgramFolders = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/sbin", "/bin"];

    private readonly string _howTo;
    private Process? _process;

    private protected TestEngine(string howTo)
    {
        _howTo = howTo;
        if (Environment.UserName != "root")
            throw new InvalidOperationException($"{howTo} These tests must run as root.");
        Folder = Directory.CreateTempSubdirectory("ce").FullName;
        Api = new EngineApi(SocketPath);
    }

    /// <summary>The image with busybox and nothing else: <c>/bin/sh</c> and a link for each of its applets.</summary>
    public const string Image = "bb:local";

    /// <summary>Path of the engine's socket.</summary>
    public string SocketPath => Path.Combine(Folder, "s");

    /// <summary>The engine's endpoint, for <c>DOCKER_HOST</c>.</summary>
    public Uri Endpoint => new($"unix://{SocketPath}");

    /// <summary>Process id of the engine.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The engine does not run.");

    /// <summary>Plain requests to the engine, for what a test does behind the runtime's back.</summary>
    public EngineApi Api { get; }

    /// <summary>The engine's own folder, which goes with it.</summary>
    public string Folder { get; }

    /// <summary>The engine's program.</summary>
    private protected abstract string Program { get; }

    /// <summary>What its process has in its environment beside this one's.</summary>
    private protected virtual IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>();

    private string LogPath => Path.Combine(Folder, "log");

    /// <summary>Makes the image under another name; it has an id of its own.</summary>
    /// <param name="reference">Name and tag.</param>
    /// <returns>A task that ends when the engine has it.</returns>
    public abstract Task ImportAsync(string reference);

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
        await AfterCrashAsync();
    }

    /// <summary>Starts the engine (again) and waits until it answers.</summary>
    /// <returns>A task that ends when it answers.</returns>
    public async Task RunAsync()
    {
        var start = Prepare(await ArgumentsAsync());
        // The shell becomes the engine: its log goes to a file that outlives this process's pipes.
        start.Environment["LOG"] = LogPath;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} could not be started.");

        var since = Stopwatch.GetTimestamp();
        while (!await Api.AnswersAsync())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(since) > ReadyWithin)
                throw new InvalidOperationException($"{_howTo} {Program} is there but did not come up. The end of its log:\n{LogEnd()}");
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
        await HostProcesses.EndThoseOfAsync(Folder);
        await HostProcesses.UnmountBelowAsync(Folder);
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes what the engine reads at its start, and says with what arguments it is started.</summary>
    private protected abstract Task<IReadOnlyList<string>> ArgumentsAsync();

    /// <summary>Puts right what a crash leaves behind that would keep the engine from coming back.</summary>
    private protected virtual Task AfterCrashAsync() => Task.CompletedTask;

    /// <summary>Runs the engine's program once, to its end.</summary>
    private protected async Task RunOnceAsync(params string[] arguments)
    {
        var start = Prepare(arguments);
        start.Environment["LOG"] = LogPath;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} could not be started.");
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{_howTo} '{Program} {string.Join(' ', arguments)}' ended with {process.ExitCode}. The end of its log:\n{LogEnd()}");
    }

    /// <summary>Starts it and makes the image; removes everything where that fails.</summary>
    private protected async Task<TEngine> BeginAsync<TEngine>()
        where TEngine : TestEngine
    {
        try
        {
            await RunAsync();
            await ImportAsync(Image);
            return (TEngine)this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private ProcessStartInfo Prepare(IReadOnlyList<string> arguments)
    {
        var found = ProgramFolders.Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"{_howTo} There is no {Program} on this machine.");
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", "exec \"$0\" \"$@\" >> \"$LOG\" 2>&1 < /dev/null", found, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        return start;
    }

    private string LogEnd()
    {
        var end = new StringBuilder();
        foreach (var line in File.Exists(LogPath) ? File.ReadLines(LogPath).TakeLast(20) : [])
            end.AppendLine(line);
        return end.ToString();
    }
}
