using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dispatch.Engine;
using Dispatch.Interop.Tests.Comparing;
using Dispatch.Interop.Tests.Recordings;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Dispatch.Interop.Tests.Stage;

/// <summary>One playing of a recorded scenario: an engine of its own, the official client and workers, and at the end the comparison of every recorded run.</summary>
internal sealed class Play : IAsyncDisposable
{
    /// <summary>How often a scenario is played whose history depends on how fast the machine is at that moment.</summary>
    private const int PacedPlaysMax = 8;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(15);

    private readonly Recorded _recorded;
    private readonly EngineHost _engine;
    private readonly List<RunningWorker> _workers = [];
    private readonly List<Gate> _gates = [];
    private readonly Dictionary<string, string> _ids = [];
    private readonly List<string> _saw = [];

    private Play(Recorded recorded, EngineHost engine, TemporalClient client) => (_recorded, _engine, Client) = (recorded, engine, client);

    public TemporalClient Client { get; }

    /// <summary>The scenario's task queue.</summary>
    public string Queue => $"truth-{_recorded.Name}";

    /// <summary>Plays a scenario and compares what it left.</summary>
    /// <param name="name">The recording's folder.</param>
    /// <param name="script">What worker and client do.</param>
    /// <param name="differs">Differences that lie in the language and not in the engine: a part of the path, and the reason. One that does not occur is reported too.</param>
    /// <param name="connect">How the scenario's client, which its workers share, is special.</param>
    /// <param name="paced">Whether the order of events depends on the clock, so that a machine that is late by itself gets another try on a fresh engine.</param>
    public static async Task RunAsync(
        string name, Func<Play, Task> script, IReadOnlyList<Expected>? differs = null, Action<TemporalClientConnectOptions>? connect = null, bool paced = false)
    {
        var recorded = Recorded.Read(name);
        var said = new List<string>();
        for (var playing = 1; playing <= (paced ? PacedPlaysMax : 1); playing++)
        {
            await using var play = await StartAsync(recorded, connect);
            await script(play).WaitAsync(Deadline);
            said = [.. play._saw, .. await play.CompareAsync(differs ?? [])];
            if (said.Count == 0)
                return;
        }

        Assert.Fail($"{name} left something else than the recorded:\n  {string.Join("\n  ", said)}");
    }

    /// <summary>Starts a worker for the scenario's queue, with the shared activities, the workflows named and what the options add.</summary>
    public RunningWorker Worker(Type[] workflows, Action<TemporalWorkerOptions>? more = null, IWorkerClient? client = null)
    {
        var options = new TemporalWorkerOptions(Queue) { Identity = "truth-worker", GracefulShutdownTimeout = TimeSpan.Zero };
#pragma warning disable CS0618 // The recordings name a build id without a deployment, as workers before deployments do.
        options.BuildId = "truth-build";
#pragma warning restore CS0618
        foreach (var workflow in workflows)
            options.AddWorkflow(workflow);
        options.AddAllActivities(typeof(SharedActivities), null);
        more?.Invoke(options);
        var worker = new RunningWorker(client ?? Client, options);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>The same for one workflow.</summary>
    public RunningWorker Worker<TWorkflow>(Action<TemporalWorkerOptions>? more = null) => Worker([typeof(TWorkflow)], more);

    /// <summary>A client whose connection can be cut.</summary>
    public async Task<(TemporalClient Client, Gate Gate)> ConnectThroughGateAsync()
    {
        var gate = new Gate(_engine.EndPoint);
        _gates.Add(gate);
        return (await TemporalClient.ConnectAsync(new(gate.Address) { Identity = "truth-client" }), gate);
    }

    /// <summary>Starts the scenario's workflow under its recorded id.</summary>
    public Task<WorkflowHandle> StartAsync(string type, object?[]? args = null, Action<WorkflowOptions>? more = null, string? id = null)
    {
        var options = new WorkflowOptions(id ?? _recorded.Name, Queue);
        more?.Invoke(options);
        return Client.StartWorkflowAsync(type, args ?? [], options);
    }

    /// <summary>Says under which id of ours a recorded workflow ran, where it cannot be the same.</summary>
    public void Alias(string recorded, string ours) => _ids[recorded] = ours;

    /// <summary>Waits for a workflow's end where what it returns is listed as differing.</summary>
    public static Task EndedAsync(WorkflowHandle handle) => handle.GetResultAsync();

    /// <summary>Waits for a workflow's end, which must be the recorded one.</summary>
    public async Task EndAsync(WorkflowHandle handle, string key = "result")
    {
        try
        {
            Saw(key, await handle.GetResultAsync<object?>());
        }
        catch (WorkflowFailedException failure)
        {
            SawFailure(key, failure.InnerException!);
        }
    }

    /// <summary>The client saw a value, which must be the recorded one.</summary>
    public void Saw<T>(string key, T value)
    {
        var seen = JsonSerializer.SerializeToNode(value, JsonSerializerOptions.Web);
        var expected = _recorded.Seen[key] as JsonObject;
        if (expected?.ContainsKey("ok") != true || !JsonNode.DeepEquals(expected["ok"], seen))
            _saw.Add($"the client's {key}: recorded {expected?.ToJsonString()}, ours {seen?.ToJsonString() ?? "null"}");
    }

    /// <summary>The client saw a failure, whose chain must be the recorded one.</summary>
    public void SawFailure(string key, Exception failure)
    {
        var expected = _recorded.Seen[key]?["error"]?["cause"] is { } cause ? Chain.OfRecorded(cause) : [];
        if (!expected.SequenceEqual(Chain.Of(failure)))
            _saw.Add($"the client's {key}: recorded failure {string.Join(" <- ", expected)}, ours {string.Join(" <- ", Chain.Of(failure))}");
    }

    /// <summary>Waits until a history holds so many events of a type.</summary>
    public async Task UntilAsync(WorkflowHandle handle, EventType type, int count = 1)
    {
        var since = Stopwatch.GetTimestamp();
        while ((await EventsAsync(handle.Id, handle.ResultRunId)).Count(entry => entry.EventType == type) < count)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Deadline, $"{handle.Id} did not come to {count} × {type}.");
            await Task.Delay(Poll);
        }
    }

    /// <summary>Waits until the first workflow task is done.</summary>
    public Task FirstTaskAsync(WorkflowHandle handle) => UntilAsync(handle, EventType.WorkflowTaskCompleted);

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates)
            gate.Open();
        foreach (var worker in _workers)
            await worker.DisposeAsync();
        foreach (var gate in _gates)
            await gate.DisposeAsync();
        await _engine.DisposeAsync();
    }

    private static async Task<Play> StartAsync(Recorded recorded, Action<TemporalClientConnectOptions>? connect)
    {
        var engine = await EngineHost.StartAsync(new EngineOptions
        {
            Port = 0,
            SearchAttributes = new Dictionary<string, IndexedValueType>
            {
                ["TruthKeyword"] = IndexedValueType.Keyword, ["TruthInt"] = IndexedValueType.Int, ["TruthText"] = IndexedValueType.Text, ["TruthDouble"] = IndexedValueType.Double,
                ["TruthBool"] = IndexedValueType.Bool, ["TruthDatetime"] = IndexedValueType.Datetime, ["TruthKeywordList"] = IndexedValueType.KeywordList,
            },
        });
        var options = new TemporalClientConnectOptions(engine.Address) { Identity = "truth-client" };
        connect?.Invoke(options);
        return new(recorded, engine, await TemporalClient.ConnectAsync(options));
    }

    private async Task<List<string>> CompareAsync(IReadOnlyList<Expected> differs)
    {
        var comparer = new HistoryComparer();
        var said = new List<string>();
        var occurred = new HashSet<Expected>();
        foreach (var sameId in _recorded.Runs.GroupBy(run => run.WorkflowId))
        {
            var id = _ids.GetValueOrDefault(sameId.Key, sameId.Key);
            var runs = await RunsAsync(id);
            if (runs.Count != sameId.Count())
                said.Add($"{id}: recorded {sameId.Count()} runs, ours {runs.Count}");
            foreach (var (recorded, ours) in sameId.Zip(runs))
            {
                foreach (var difference in comparer.Compare(recorded.Events, await EventsAsync(id, ours)))
                {
                    if (differs.FirstOrDefault(expected => difference.Path.Contains(expected.Path, StringComparison.Ordinal)) is { } known)
                        occurred.Add(known);
                    else
                        said.Add($"{recorded.File} {difference}");
                }
            }
        }

        // Only a history that is otherwise right tells whether a listed difference is gone.
        if (said.Count == 0)
            said.AddRange(differs.Where(expected => !occurred.Contains(expected)).Select(expected => $"listed as differing but the same: {expected.Path} ({expected.Reason})"));
        return said;
    }

    private async Task<IReadOnlyList<string>> RunsAsync(string id)
    {
        var runs = new List<(DateTime Started, string Run)>();
        await foreach (var run in Client.ListWorkflowsAsync($"WorkflowId = '{id}'"))
            runs.Add((run.StartTime, run.RunId));
        return [.. runs.OrderBy(run => run.Started).Select(run => run.Run)];
    }

    private async Task<IReadOnlyList<HistoryEvent>> EventsAsync(string id, string? run) => [.. (await Client.GetWorkflowHandle(id, run).FetchHistoryAsync()).Events];
}

/// <summary>A difference that is right, with the reason: a part of its path in an event.</summary>
internal sealed record Expected(string Path, string Reason)
{
    /// <summary>The .NET SDK names the timers of its waits; Python's does not.</summary>
    public static Expected WaitSummary { get; } = new("/userMetadata", "the .NET SDK gives the timer of a wait with a time-out a summary of its own");

    /// <summary>The type of an exception that is no failure of Temporal's.</summary>
    public static Expected OwnExceptionType { get; } = new("/applicationFailureInfo/type", "an ordinary exception bears the name of its class, which is the language's");

    /// <summary>What a workflow says of a cancelled call whose failure has no text.</summary>
    public static Expected NoCancelText(string path) => new(path, "the Python SDK says Cancelled where the failure has no text, the .NET SDK leaves it empty");
}
