using System.Text.RegularExpressions;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Workflows.Hosting;
using Temporalio.Client;

namespace Dispatch.Integration.Tests.Stack;

/// <summary>A <c>dispatch dev</c> of the test's own, on free ports, in a folder of its own, with workers as further processes where a test wants them.</summary>
public sealed partial class DevStack : IAsyncDisposable
{
    private readonly List<string> _workerFolders;
    private readonly Func<Task<IReadOnlyList<string>>>? _containers;

    private DevStack(string folder, RunningProcess dev, string temporal, Uri http, Func<Task<IReadOnlyList<string>>>? containers)
    {
        (Folder, Dev, Temporal, Http, _containers) = (folder, dev, temporal, http, containers);
        Jobs = new JobClient(http);
        _workerFolders = [Path.Combine(folder, "dev", "worker")];
    }

    public string Folder { get; }

    public RunningProcess Dev { get; }

    /// <summary>Host and port of Temporal's protocol.</summary>
    public string Temporal { get; }

    public Uri Http { get; }

    public JobClient Jobs { get; }

    /// <summary>Starts one and waits until it says where it listens.</summary>
    public static async Task<DevStack> StartAsync(IEnumerable<string> more, string profile = "fast", IReadOnlyDictionary<string, string>? environment = null, Func<Task<IReadOnlyList<string>>>? containers = null)
    {
        var folder = Directory.CreateTempSubdirectory("dispatch-it-").FullName;
        var dev = RunningProcess.Start(["dev", "--port", "0", "--http-port", "0", "--data", Path.Combine(folder, "dev"), "--profile", profile, .. more], environment);
        try
        {
            await dev.UntilOutAsync("  worker ");
            var said = dev.Out;
            return new(folder, dev, TemporalLine().Match(said).Groups[1].Value, new Uri(HttpLine().Match(said).Groups[1].Value), containers);
        }
        catch
        {
            await dev.DisposeAsync();
            throw;
        }
    }

    /// <summary>A folder for a test's own files.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Folder, "t", Guid.NewGuid().ToString("N"))).FullName;

    public Task<TemporalClient> ConnectAsync() => TemporalClient.ConnectAsync(new(Temporal) { DataConverter = DispatchData.Converter, Identity = "tests" });

    /// <summary>What verbs need to find this stack.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["DISPATCH_SERVER"] = Http.ToString().TrimEnd('/') };

    public RunningProcess StartCli(params string[] arguments) => RunningProcess.Start(arguments, Environment);

    /// <summary>Runs a verb to its end.</summary>
    public Task<Finished> CliAsync(params string[] arguments) => StartCli(arguments).EndAsync();

    /// <summary>Runs a verb with something on standard input.</summary>
    public Task<Finished> CliWithInputAsync(string stdin, params string[] arguments) => RunningProcess.Start(arguments, Environment, stdin).EndAsync();

    /// <summary>Runs a shell line with <c>$D</c> as the executable.</summary>
    public Task<Finished> ShellAsync(string line, IReadOnlyDictionary<string, string>? environment = null)
    {
        var all = new Dictionary<string, string>(Environment) { ["D"] = RunningProcess.Dispatch };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            all[name] = value;
        return RunningProcess.StartProgram("/bin/bash", ["-c", line], all).EndAsync();
    }

    /// <summary>Starts a worker as a process of its own and waits until it is ready.</summary>
    public async Task<RunningProcess> StartWorkerAsync(string id, IEnumerable<string> more, IReadOnlyDictionary<string, string>? environment = null, string? stdin = "")
    {
        var worker = StartWorker(id, more, environment, stdin);
        await UntilReadyAsync(id, worker);
        return worker;
    }

    /// <summary>Starts a worker and does not wait.</summary>
    public RunningProcess StartWorker(string id, IEnumerable<string> more, IReadOnlyDictionary<string, string>? environment = null, string? stdin = "")
    {
        var data = WorkerFolder(id);
        if (!_workerFolders.Contains(data))
            _workerFolders.Add(data);
        return RunningProcess.Start(["worker", "--id", id, "--server", Http.ToString(), "--address", Temporal, "--data", data, .. more], environment, stdin);
    }

    public async Task UntilReadyAsync(string id, RunningProcess worker) => await worker.UntilOutAsync($"worker ready: {id}, incarnation ");

    public string WorkerFolder(string id) => Path.Combine(Folder, id);

    /// <summary>After a test: no job is open, no lease held, no process, attempt folder or container of a job is left. What a failed test left running is stopped first.</summary>
    public async Task NothingLeftAsync()
    {
        foreach (var job in await OpenAsync())
            await Jobs.StopAsync(job, StopMode.Now);
        await Until.NothingAsync("open jobs", OpenAsync, Deadlines.Gone);
        await Until.NothingAsync<WorkerLeaseView>("leases", async () => [.. (await Jobs.WorkersAsync()).SelectMany(worker => worker.Leases)], Deadlines.Gone);
        await Until.NothingAsync("processes of jobs", () => Task.FromResult(HostProcesses.OfJobs(Folder)), Deadlines.Gone);
        await Until.NothingAsync("folders of attempts", () => Task.FromResult(AttemptFolders()), Deadlines.Gone);
        if (_containers is not null)
            await Until.NothingAsync("containers", _containers, Deadlines.Gone);
    }

    /// <summary>Ends it in order: it must exit with 0 and leave no process behind.</summary>
    public async ValueTask DisposeAsync()
    {
        Jobs.Dispose();
        if (!Dev.HasExited)
        {
            Dev.Signal(RunningProcess.Sigterm);
            var ended = await Dev.EndAsync(Deadlines.Role);
            Assert.True(ended.ExitCode == 0, ended.ToString());
        }

        await Dev.DisposeAsync();
        await Until.NothingAsync("processes", () => Task.FromResult(HostProcesses.Of(Folder)), Deadlines.Gone);
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<IReadOnlyList<JobId>> OpenAsync() =>
        [.. (await Jobs.GetAsync<JobPage>($"{ApiPaths.Jobs}?limit=1000")).Jobs.Where(job => job.State != JobState.Closed).Select(job => job.Id)];

    private IReadOnlyList<string> AttemptFolders() =>
    [
        .. _workerFolders.Select(folder => Path.Combine(folder, "attempts"))
            .Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries),
    ];

    [GeneratedRegex(@"^  Temporal +(\S+),", RegexOptions.Multiline)]
    private static partial Regex TemporalLine();

    [GeneratedRegex(@"^  HTTP API +(\S+)", RegexOptions.Multiline)]
    private static partial Regex HttpLine();
}
