using System.Text.RegularExpressions;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Dispatch.Runtimes.Tests.Suite;
using Dispatch.Workers.Guard;

namespace Dispatch.Runtimes.Tests.Process;

/// <summary>The process runtime over a real guard in a process of its own, in a data directory of its own.</summary>
internal sealed partial class ProcessHarness : IRuntimeHarness
{
    private static int _names;
    private readonly List<IAsyncDisposable> _opened = [];

    private readonly bool _useCgroups;

    private ProcessHarness(string dataDirectory, bool useCgroups) => (DataDirectory, _useCgroups) = (dataDirectory, useCgroups);

    internal string DataDirectory { get; }

    internal GuardLink Link { get; private set; } = null!;

    public IContainerRuntime Runtime { get; private set; } = null!;

    public bool SeesEverySignal => true;

    internal static async Task<IRuntimeHarness> OpenAsync(bool useCgroups = true)
    {
        var dataDirectory = Directory.CreateTempSubdirectory("dispatch-").FullName;

        // Others must get through to the work folder where a test runs as another user.
        File.SetUnixFileMode(dataDirectory, (UnixFileMode)0x1ED);
        var harness = new ProcessHarness(dataDirectory, useCgroups);
        await harness.RestartAsync();
        await harness.Link.PingAsync(CancellationToken.None);
        return harness;
    }

    public async Task<IContainerRuntime> RestartAsync()
    {
        await CloseAsync();
        Link = new GuardLink(DataDirectory, token => GuardProcess.EnsureRunningAsync(Command(), DataDirectory, token));
        var runtime = new ProcessRuntime(Link, new ProcessRuntimeOptions());
        _opened.AddRange([runtime, Link]);
        Runtime = runtime;
        return runtime;
    }

    public ContainerPlan Plan(params string[] command)
    {
        var name = $"job-{Interlocked.Increment(ref _names)}.1";
        return new ContainerPlan
        {
            Name = name,
            Labels = new Dictionary<string, string> { [ContainerLabels.Job] = name, [ContainerLabels.DataDirectory] = "data" },
            Command = command,
            AttemptDirectory = Path.Combine(DataDirectory, PermissionFile.AttemptsFolder, name),
            CpuCores = 1,
        };
    }

    public async Task AssertNothingLeftAsync()
    {
        var left = Directory.EnumerateFileSystemEntries(DataDirectory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(DataDirectory, path))
            .Where(path => path is not ("guard" or "guard/starts.jsonl" or "guard/lock" or "guard/log" or "guard/socket" or "spare" or PermissionFile.AttemptsFolder)
                && Path.GetDirectoryName(path) is not PermissionFile.AttemptsFolder
                && !SpareFolder().IsMatch(path));
        Assert.Empty(left);
        Assert.Empty(new StartBook(DataDirectory).Read());

        // A cgroup may be busy for a moment after its last process: the guard's next tick removes it.
        var cgroups = CgroupTree.Discover(GuardProgram.CgroupName(DataDirectory));
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (cgroups.Attempts().Count > 0 && DateTime.UtcNow < deadline)
            await Task.Delay(20);
        Assert.Empty(cgroups.Attempts());
    }

    /// <summary>The guard that has the directory.</summary>
    internal ProcessIdentity? Guard() => GuardLock.Holder(ProcessLayout.LockFile(DataDirectory));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (Guard() is { IsRunning: true } guard)
        {
            // A guard whose directory is gone ends itself and all it started.
            TreeRemover.Remove(DataDirectory);
            var deadline = DateTime.UtcNow.AddSeconds(20);
            while (guard.IsRunning && DateTime.UtcNow < deadline)
                await Task.Delay(5);
            Assert.False(guard.IsRunning);
        }

        TreeRemover.Remove(DataDirectory);
        CgroupTree.Discover(GuardProgram.CgroupName(DataDirectory)).Dispose();
    }

    /// <summary>The empty folders that are kept for the next process.</summary>
    [GeneratedRegex("^spare/[0-9a-f]+(/work|/tmp)?$")]
    private static partial Regex SpareFolder();

    private GuardCommand Command() => new(
        Environment.ProcessPath!,
        [Path.Combine(AppContext.BaseDirectory, "GuardHost.dll"), DataDirectory, "30000", "/dev/null", _useCgroups ? "cgroups" : "no-cgroups"]);

    private async Task CloseAsync()
    {
        foreach (var opened in _opened)
            await opened.DisposeAsync();
        _opened.Clear();
    }
}
