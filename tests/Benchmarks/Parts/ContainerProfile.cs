using Dispatch.Benchmarks.Loads;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Benchmarks.Reporting;
using Engines.Fixture;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace Dispatch.Benchmarks.Parts;

/// <summary>Where the time of a container job goes: what its history, its report and the requests to the engine say, each counted from its submission.</summary>
internal sealed class ContainerProfile
{
    private static readonly (EventType Type, string What)[] Steps =
    [
        (EventType.WorkflowExecutionStarted, "history begins"),
        (EventType.MarkerRecorded, "placed"),
        (EventType.ActivityTaskScheduled, "sent to the worker"),
        (EventType.ActivityTaskStarted, "received"),
        (EventType.ActivityTaskCompleted, "reported"),
        (EventType.WorkflowExecutionCompleted, "closed"),
    ];

    private readonly Dictionary<string, (Samples At, Samples Took)> _steps = [];
    private readonly Dictionary<string, Samples> _bare = [];

    /// <summary>Takes in a job that has ended, and all that the engine was asked meanwhile.</summary>
    public async Task AddAsync(ITemporalClient client, JobRun run, IReadOnlyList<EngineRequest> requests)
    {
        void Step(string what, DateTimeOffset at, TimeSpan? took = null)
        {
            if (!_steps.TryGetValue(what, out var samples))
                _steps[what] = samples = (new(), new());
            samples.At.Add((at - run.SubmittedAt).TotalMilliseconds);
            if (took is { } time)
                samples.Took.Add(time.TotalMilliseconds);
        }

        var history = await client.GetWorkflowHandle(run.Id).FetchHistoryAsync();
        foreach (var (type, what) in Steps)
        {
            if (history.Events.FirstOrDefault(one => one.EventType == type) is { } happened)
                Step(what, happened.EventTime.ToDateTimeOffset());
        }

        Step("container started", run.Report.Timings.StartedAt!.Value);
        Step("result is there", run.EndedAt);
        foreach (var (request, name) in Numbered(requests))
            Step(name, request.AskedAt, request.AnsweredAt - request.AskedAt);
    }

    /// <summary>Takes in what a bare container asked.</summary>
    public void AddBare(IReadOnlyList<EngineRequest> requests)
    {
        foreach (var (request, name) in Numbered(requests))
        {
            if (!_bare.TryGetValue(name, out var samples))
                _bare[name] = samples = new();
            samples.Add((request.AnsweredAt!.Value - request.AskedAt).TotalMilliseconds);
        }
    }

    /// <summary>Adds a row for each step that most jobs had, in order of time.</summary>
    public void Report(Results results)
    {
        var most = _steps.Values.Max(samples => samples.At.Count) / 2;
        var usual = _steps.Where(step => step.Value.At.Count > most).OrderBy(step => step.Value.At.P50).ToArray();
        foreach (var (what, (at, _)) in usual)
            results.Add(new("container job, step by step", what, at.P50, "ms after submit"));
        foreach (var (what, (_, took)) in usual.Where(step => step.Value.Took.Count > 0))
        {
            var floor = _bare.GetValueOrDefault(what)?.P50;
            results.Add(new("container job, requests to the engine", what, took.P50, "ms") { Floor = floor, FloorIs = floor is null ? null : "bare, same settings" });
        }
    }

    /// <summary>The requests by name, a repeated one with its number.</summary>
    private static IEnumerable<(EngineRequest Request, string Name)> Numbered(IReadOnlyList<EngineRequest> requests)
    {
        var seen = new Dictionary<string, int>();
        foreach (var request in requests)
        {
            var number = seen[request.Name] = seen.GetValueOrDefault(request.Name) + 1;
            yield return (request, number == 1 ? request.Name : $"{request.Name} ({number})");
        }
    }
}
