using System.Collections.Concurrent;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Engine;
using Dispatch.Workflows.Hosting;
using Dispatch.Workflows.Replay;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>An engine, a workflow host, two workers (<c>w1</c>, <c>w2</c>; there is no <c>w3</c>), and a script for each job.</summary>
public sealed class JobWorld : IAsyncLifetime, IPlacer
{
    /// <summary>Set to <c>1</c>, or to a folder, each run's history is written into <c>tests/Replay/histories</c>, or that folder; files that exist stay as they are.</summary>
    private const string RecordVariable = "DISPATCH_RECORD_HISTORIES";

    /// <summary>The task queue whose host takes every run for one that a reset began: the engine has no reset.</summary>
    public const string AfterReset = "dispatch-after-reset";

    private readonly ConcurrentDictionary<string, JobScript> scripts = new();
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> workers = [];
    private EngineHost engine = null!;

    public TemporalClient Client { get; private set; } = null!;

    public ConcurrentQueue<PlaceAsk> Asks { get; } = new();

    public ConcurrentQueue<Settlement> Settlements { get; } = new();

    public async Task InitializeAsync()
    {
        engine = await EngineHost.StartAsync(new() { Port = 0, SearchAttributes = SearchAttributeCheck.All });
        Client = await TemporalClient.ConnectAsync(new(engine.Address)
        {
            DataConverter = DispatchData.Converter,
            Interceptors = [new TriggerInterceptor(() => "cli")],
        });
        Start(JobHost.Create(Client, this));
        Start(JobHost.Create(Client, this, new() { TaskQueue = "dispatch-plain", SearchAttributes = false }));
        Start(JobHost.Create(Client, this, new() { TaskQueue = "dispatch-uncached", CachedWorkflowsMax = 0 }));
        Start(JobHost.Create(Client, this, new() { TaskQueue = AfterReset, AfterReset = true }));
        foreach (var worker in new[] { "w1", "w2" })
        {
            var options = new TemporalWorkerOptions(WorkerQueue.Of(new WorkerId(worker), 1)) { MaxConcurrentActivities = 100 };
            Start(new(Client, options.AddAllActivities(new Activities(this))));
        }
    }

    public async Task DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        await engine.DisposeAsync();
        stop.Dispose();
    }

    async Task<PlaceAnswer> IPlacer.PlaceAsync(PlaceAsk ask, CancellationToken cancellationToken)
    {
        Asks.Enqueue(ask);
        var script = scripts[ask.Job.Value];
        await script.Thinks(ask).WaitAsync(cancellationToken);
        return script.Place(ask);
    }

    Task IPlacer.SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        Settlements.Enqueue(settlement);
        return scripts[settlement.Job.Value].Settles(cancellationToken);
    }

    /// <summary>Connects another client.</summary>
    public Task<TemporalClient> ConnectAsync(bool converter) =>
        TemporalClient.ConnectAsync(converter ? new(engine.Address) { DataConverter = DispatchData.Converter } : new(engine.Address));

    /// <summary>Says what is to happen in a job that somebody else starts.</summary>
    internal void Script(string id, JobScript script) => scripts[id] = script;

    /// <summary>Starts a job with its script.</summary>
    internal async Task<WorkflowHandle> StartAsync(string id, JobScript script, string spec = """{"process":["true"]}""", string queue = JobNames.TaskQueue)
    {
        scripts[id] = script;
        using var json = System.Text.Json.JsonDocument.Parse(spec);
        return await Client.StartWorkflowAsync(JobNames.Workflow, [json.RootElement.Clone()], new(id, queue));
    }

    /// <summary>Waits for the end, takes the history, replays it, and records it where that is asked for.</summary>
    /// <param name="handle">The run.</param>
    /// <param name="record">Says, of the branches it went through, as what its history is kept, or null where it is not; by default it is kept under the job's id.</param>
    internal async Task<JobRun> EndAsync(WorkflowHandle handle, Func<IReadOnlyList<string>, string?>? record = null)
    {
        JobReport? report = null;
        Exception? failure = null;
        try
        {
            report = await handle.GetResultAsync<JobReport>().WaitAsync(TimeSpan.FromSeconds(40));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{handle.Id} has not ended:{Environment.NewLine}{Told(await handle.FetchHistoryAsync())}");
        }
        catch (WorkflowFailedException failed)
        {
            failure = failed.InnerException;
            if (failure is ApplicationFailureException { Details.Count: > 0 } application) report = application.Details.ElementAt<JobReport>(0);
        }

        var history = await handle.FetchHistoryAsync();
        var replay = await JobReplayer.ReplayAsync(HistoryFile.Read(history.ToJson()));
        Assert.True(replay.Same, $"{handle.Id}: {string.Join(Environment.NewLine, replay.Differences)}{Environment.NewLine}{Told(history)}");
        if ((record is null ? handle.Id : record(replay.Paths)) is { } name) await RecordAsync(name, history);

        // A workflow task that is tried again on a busy machine settles again: that is one settlement.
        return new(report, failure, history, replay.Operations, [.. Asks.Where(ask => ask.Job.Value == handle.Id)], [.. Settlements.Where(settled => settled.Job.Value == handle.Id).Distinct()], replay.Paths);
    }

    private static string Told(WorkflowHistory history) =>
        string.Join(Environment.NewLine, history.Events.Select(recorded => $"{recorded.EventId} {recorded.EventType} {recorded.EventTime.ToDateTime():O} {recorded.WorkflowTaskFailedEventAttributes}"));

    internal async Task<JobRun> RunAsync(string id, JobScript script, string spec = """{"process":["true"]}""") =>
        await EndAsync(await StartAsync(id, script, spec));

    /// <summary>Whether histories are recorded.</summary>
    internal static bool Records => Environment.GetEnvironmentVariable(RecordVariable) is { Length: > 0 };

    /// <summary>How many histories are kept; 0 where nothing is recorded.</summary>
    internal static int Kept => Records ? Directory.GetFiles(RecordFolder(), "*.json").Length : 0;

    /// <summary>The branches of the job's machine that the kept histories go through; none where nothing is recorded.</summary>
    internal static async Task<HashSet<string>> RecordedPathsAsync()
    {
        var paths = new HashSet<string>();
        if (!Records) return paths;
        foreach (var file in Directory.GetFiles(RecordFolder(), "*.json"))
            paths.UnionWith((await JobReplayer.ReplayAsync(HistoryFile.Read(await File.ReadAllTextAsync(file)))).Paths);
        return paths;
    }

    /// <summary>Waits until something is so.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"Not so in 30 s: {what}");
            await Task.Delay(20);
        }
    }

    private static async Task RecordAsync(string name, WorkflowHistory history)
    {
        if (Environment.GetEnvironmentVariable(RecordVariable) is not { Length: > 0 }) return;
        var folder = RecordFolder();
        var path = Path.Combine(folder, $"{name}.json");
        if (File.Exists(path)) return;
        // An event a line: small, and still to be read and compared.
        using var json = System.Text.Json.JsonDocument.Parse(history.ToJson());
        var events = json.RootElement.GetProperty("events").EnumerateArray().Select(recorded => System.Text.Json.JsonSerializer.Serialize(recorded));
        await File.WriteAllTextAsync(path, $"{{\"events\":[\n{string.Join(",\n", events)}\n]}}\n");
    }

    private static string RecordFolder()
    {
        var folder = Environment.GetEnvironmentVariable(RecordVariable)!;
        return Directory.CreateDirectory(folder == "1" ? Path.Combine(Repository(), "tests", "Replay", "histories") : folder).FullName;
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dispatch.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No Dispatch.sln above {AppContext.BaseDirectory}.");
    }

    private void Start(TemporalWorker worker) => workers.Add(Task.Run(async () =>
    {
        using (worker)
        {
            try
            {
                await worker.ExecuteAsync(stop.Token);
            }
            catch (OperationCanceledException)
            {
                // The world ends.
            }
        }
    }));

    private sealed class Activities(JobWorld world)
    {
        [Activity(JobNames.RunContainer)]
        public Task<ContainerReport> RunContainerAsync(RunContainerInput input) => world.scripts[input.Job.Value].Run(input);

        [Activity(JobNames.Stop)]
        public Task StopAsync(StopInput input) => ControlAsync(input.Lease, input);

        [Activity(JobNames.Extend)]
        public Task ExtendAsync(ExtendInput input) => ControlAsync(input.Lease, input);

        private async Task ControlAsync(LeaseId lease, object control)
        {
            var script = Script(lease);
            await script.ControlTakes(control);
            script.Control(control);
        }

        private JobScript Script(LeaseId lease) => world.scripts[lease.Value[..lease.Value.LastIndexOf('-')]];
    }
}
