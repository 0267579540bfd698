using System.Diagnostics;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Contracts;
using Dispatch.Contracts.Runs;
using Temporalio.Client;

namespace Dispatch.Benchmarks.Loads;

/// <summary>Jobs submitted by the official client, so many in flight; each result is looked at.</summary>
internal sealed class JobLoad(ITemporalClient client, string specJson)
{
    private static int s_series;

    /// <summary>From submit to the container's start, as the report has it.</summary>
    public Samples Started { get; } = new();

    /// <summary>From submit to the result.</summary>
    public Samples Result { get; } = new();

    /// <summary>How long all took.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>The ids that were run, in order of submission.</summary>
    public List<string> Jobs { get; } = [];

    /// <summary>The run that ended last.</summary>
    public JobRun? Last { get; private set; }

    /// <summary>Runs jobs.</summary>
    /// <param name="count">How many.</param>
    /// <param name="inFlight">How many at once.</param>
    /// <exception cref="BenchmarkException">A job did not end as it must.</exception>
    public async Task RunAsync(int count, int inFlight)
    {
        var prefix = $"bench-{Environment.ProcessId}-{Interlocked.Increment(ref s_series)}";
        var next = 0;
        Jobs.AddRange(Enumerable.Range(0, count).Select(number => $"{prefix}-{number}"));
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            for (var number = Interlocked.Increment(ref next) - 1; number < count; number = Interlocked.Increment(ref next) - 1)
                await OneAsync($"{prefix}-{number}");
        })));
        Took = Stopwatch.GetElapsedTime(began);
    }

    private async Task OneAsync(string id)
    {
        var submittedAt = DateTimeOffset.UtcNow;
        var began = Stopwatch.GetTimestamp();
        var handle = await client.StartWorkflowAsync(JobNames.Workflow, [RawSpec.Of(specJson)], new(id, JobNames.TaskQueue));
        JobReport report;
        try
        {
            report = await handle.GetResultAsync<JobReport>();
        }
        catch (Temporalio.Exceptions.WorkflowFailedException failed)
        {
            throw new BenchmarkException($"Job {id} failed: {failed.InnerException?.Message ?? failed.Message}");
        }
        catch (Temporalio.Exceptions.RpcException away)
        {
            throw new BenchmarkException($"Job {id} was submitted, and nobody answers for it any more: {away.Message}");
        }

        var took = Stopwatch.GetElapsedTime(began);
        var endedAt = DateTimeOffset.UtcNow;
        if (report.Outcome is not { Kind: OutcomeKind.Success, Code: 0 } || report.Attempts.Count != 1)
            throw new BenchmarkException($"Job {id} ended with outcome {report.Outcome.Kind}, code {report.Outcome.Code}, after {report.Attempts.Count} attempts; it must exit with 0 in its first. {string.Join(" ", report.Attempts.Select(attempt => $"Attempt {attempt.Attempt}: {attempt.End}, {attempt.Message}"))}");
        if (report.Timings.StartedAt is not { } startedAt || startedAt < submittedAt || startedAt > endedAt)
            throw new BenchmarkException($"Job {id} says it started at {report.Timings.StartedAt:O}, which is not between its submission at {submittedAt:O} and its result at {endedAt:O}.");
        Started.Add((startedAt - submittedAt).TotalMilliseconds);
        Result.Add(took.TotalMilliseconds);
        Last = new(id, submittedAt, endedAt, report);
    }
}
