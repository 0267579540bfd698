using System.Text.RegularExpressions;
using Dispatch.Contracts.Http;
using Dispatch.Integration.Tests.Stack;
using Dispatch.Workflows.Hosting;
using Postgres.Fixture;
using Temporalio.Client;

namespace Dispatch.Integration.Tests.Roles;

/// <summary>Every role as processes of its own, over a real PostgreSQL and the engine of this build.</summary>
public sealed partial class RoleStack : IAsyncDisposable
{
    public const string Token = "a-worker-token";
    private readonly List<RunningProcess> _processes = [];
    private readonly Dictionary<string, string> _servers = [];
    private readonly List<JobClient> _clients = [];

    private RoleStack(string folder, string database) => (Folder, Database) = (folder, database);

    public string Folder { get; }

    /// <summary>The connection string of its database.</summary>
    public string Database { get; }

    /// <summary>Host and port of Temporal's protocol.</summary>
    public string Temporal { get; private set; } = "";

    /// <summary>Addresses of the servers, as <c>--server</c> takes them.</summary>
    public string Servers => string.Join(',', _servers.Values);

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["DISPATCH_DATABASE"] = Database,
        ["DISPATCH_WORKER_TOKEN"] = Token,
        ["TEMPORAL_ADDRESS"] = Temporal,
        ["DISPATCH_SERVER"] = Servers,
    };

    /// <summary>Makes a database, migrates it, starts an engine.</summary>
    public static async Task<RoleStack> StartAsync(PostgresServer postgres)
    {
        var stack = new RoleStack(Directory.CreateTempSubdirectory("dispatch-roles-").FullName, await postgres.CreateDatabaseAsync());
        try
        {
            Assert.Contains("up to date", (await stack.CliAsync("migrate")).Ok(), StringComparison.Ordinal);
            var engine = stack.Start("engine", "--port", "0");
            await engine.UntilOutAsync("the engine is ready");
            stack.Temporal = EngineLine().Match(engine.Out).Groups[1].Value;
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    public RunningProcess Start(params string[] line)
    {
        var process = RunningProcess.Start(line, Environment);
        _processes.Add(process);
        return process;
    }

    public Task<Finished> CliAsync(params string[] line) => RunningProcess.Start(line, Environment).EndAsync();

    public Task<TemporalClient> ConnectAsync() => TemporalClient.ConnectAsync(new(Temporal) { DataConverter = DispatchData.Converter, Identity = "tests" });

    public async Task<RunningProcess> StartWorkflowsAsync(params string[] more)
    {
        var host = Start(["workflows", "--allow-process", .. more]);
        await host.UntilOutAsync("workflow host ready");
        return host;
    }

    /// <summary>Starts a server, on the port that it had before where it was started before. All servers share one log folder.</summary>
    public async Task<RunningProcess> StartServerAsync(string name)
    {
        var port = _servers.TryGetValue(name, out var known) ? new Uri(known).Port : 0;
        var server = Start("server", "--allow-process", "--http-port", $"{port}", "--data", Path.Combine(Folder, "server"));
        await server.UntilOutAsync("server ready");
        _servers[name] = ServerLine().Match(server.Out).Groups[1].Value;
        return server;
    }

    public async Task<RunningProcess> StartWorkerAsync(string id, params string[] more)
    {
        var worker = Start(["worker", "--id", id, "--data", Path.Combine(Folder, id), "--runtimes", "process", "--on-stop", "stop", .. more]);
        await worker.UntilOutAsync($"worker ready: {id}, incarnation ");
        return worker;
    }

    /// <summary>The API of one server.</summary>
    public JobClient Jobs(string server)
    {
        var client = new JobClient(new Uri(_servers[server]));
        _clients.Add(client);
        return client;
    }

    /// <summary>No job is open, no lease is left, in the database itself; no process of a job is left on the host.</summary>
    public async Task NothingLeftAsync(JobClient jobs)
    {
        await Until.NothingAsync("open jobs", async () => (IReadOnlyList<string>)[.. (await jobs.GetAsync<JobPage>($"{ApiPaths.Jobs}?limit=1000")).Jobs.Where(job => job.State != JobState.Closed).Select(job => job.Id.Value)], Deadlines.Gone);
        await Until.NothingAsync<WorkerLeaseView>("leases", async () => [.. (await jobs.WorkersAsync()).SelectMany(worker => worker.Leases)], Deadlines.Gone);
        await Until.NothingAsync("processes of jobs", () => Task.FromResult(HostProcesses.OfJobs(Folder)), Deadlines.Gone);
    }

    /// <summary>Ends everything in order, workers first; no process may be left.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        foreach (var process in Enumerable.Reverse(_processes).Where(process => !process.HasExited))
        {
            process.Signal(RunningProcess.Sigterm);
            await process.EndAsync(Deadlines.Role);
        }

        foreach (var process in _processes)
            await process.DisposeAsync();
        await Until.NothingAsync("processes", () => Task.FromResult(HostProcesses.Of(Folder)), Deadlines.Gone);
        Directory.Delete(Folder, recursive: true);
    }

    [GeneratedRegex(@"protocol on (\S+),")]
    private static partial Regex EngineLine();

    [GeneratedRegex(@"server ready: (http://\S+);")]
    private static partial Regex ServerLine();
}
