using System.Diagnostics;
using Dispatch.Benchmarks.Loads;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Benchmarks.Reporting;
using Dispatch.Engine;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Benchmarks.Parts;

/// <summary>The four shapes of a job on our engine, with nothing of Dispatch: engine, workers and client in this process.</summary>
internal static class ShapePart
{
    /// <summary>The shape that a job has.</summary>
    private const string JobShape = "one local activity, two memo and two search attribute upserts";

    private static readonly (string Name, ShapePlan Plan)[] Shapes =
    [
        ("no local activity", new(0, 0)),
        ("one local activity", new(1, 0)),
        (JobShape, new(1, 2)),
        ("five local activities", new(5, 0)),
    ];

    /// <summary>Measures all four.</summary>
    /// <returns>The shape that a job has.</returns>
    public static async Task<ShapeFloor> RunAsync(BenchmarkOptions options, Results results)
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions
        {
            Port = 0,
            SearchAttributes = new Dictionary<string, IndexedValueType> { [ShapeWorkflow.State.Name] = IndexedValueType.Keyword },
        });
        var client = await TemporalClient.ConnectAsync(new(engine.Address));
        using var workflows = new TemporalWorker(client, new TemporalWorkerOptions(ShapeWorkflow.WorkflowQueue) { LocalActivityWorkerOnly = true, DisableWorkflowTracingEventListener = true }.AddWorkflow<ShapeWorkflow>().AddAllActivities(new ShapeActivities()));
        using var activities = new TemporalWorker(client, new TemporalWorkerOptions(ShapeWorkflow.ActivityQueue).AddAllActivities(new ShapeActivities()));
        using var end = new CancellationTokenSource();
        var running = Task.WhenAll(workflows.ExecuteAsync(end.Token), activities.ExecuteAsync(end.Token));
        ShapeFloor? job = null;
        await LoadAsync(client, Shapes[2].Plan, options.Count(500), 16);
        foreach (var (name, plan) in Shapes)
        {
            var (alone, _, _, _) = await LoadAsync(client, plan, options.Count(200), 1);
            var (busy, perSecond, cpu, last) = await LoadAsync(client, plan, options.Count(1500), 16);
            results.Add(new("engine alone", $"{name}: alone, p50", alone.P50, "ms"));
            results.Add(new("engine alone", $"{name}: 16 in flight", perSecond, "jobs/s") { MoreIsBetter = true });
            results.Add(new("engine alone", $"{name}: processor time, client included", cpu, "ms/job"));
            if (name != JobShape)
                continue;
            var history = await client.GetWorkflowHandle(last).FetchHistoryAsync();
            job = new(alone, busy, perSecond, cpu, history.Events.Count, history.Events.Sum(one => one.CalculateSize()));
        }

        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return job!;
    }

    private static async Task<(Samples Each, double PerSecond, double ProcessorMs, string Last)> LoadAsync(TemporalClient client, ShapePlan plan, int count, int inFlight)
    {
        var each = new Samples();
        var next = 0;
        var last = "";
        var expected = Enumerable.Range(0, plan.LocalActivities).Sum() + 1;
        var before = ProcessorTime.Of(Environment.ProcessId);
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) <= count)
            {
                var start = Stopwatch.GetTimestamp();
                var id = $"shape-{Guid.NewGuid():N}";
                var sum = await client.ExecuteWorkflowAsync((ShapeWorkflow workflow) => workflow.RunAsync(plan), new(id, ShapeWorkflow.WorkflowQueue));
                Volatile.Write(ref last, id);
                if (sum != expected)
                    throw new BenchmarkException($"A shape gave {sum}; it must give {expected}.");
                each.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        })));
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return (each, count / took, (ProcessorTime.Of(Environment.ProcessId) - before).Own / count, last);
    }
}

/// <summary>What the shape of a job takes on the engine alone: the floor of a job.</summary>
/// <param name="Alone">Each one alone.</param>
/// <param name="Busy">Each one of 16 in flight.</param>
/// <param name="PerSecond">The rate, 16 in flight.</param>
/// <param name="ProcessorMs">Processor time of one, client included, 16 in flight.</param>
/// <param name="Events">Events of its history.</param>
/// <param name="Bytes">Bytes of its history.</param>
internal sealed record ShapeFloor(Samples Alone, Samples Busy, double PerSecond, double ProcessorMs, int Events, int Bytes);
