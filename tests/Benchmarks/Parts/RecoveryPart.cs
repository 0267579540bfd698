using System.Diagnostics;
using System.Net.Http.Json;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Benchmarks.Reporting;
using Dispatch.Benchmarks.Stack;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;

namespace Dispatch.Benchmarks.Parts;

/// <summary>How soon a restarted worker has its job again, and how soon the job of a worker that stays away runs elsewhere.</summary>
internal static class RecoveryPart
{
    private const string LongSpec = """{"process":["/bin/sleep","600"],"retry":{"workerLost":{"max":2}}}""";
    /// <summary>Below it only what takes seconds is shown to work: the patient profile alone takes minutes.</summary>
    private const double ScaleThatMoves = 0.5;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    public static async Task RunAsync(BenchmarkOptions options, Results results)
    {
        var start = BareStart(options);
        results.Add(new("floor", "the executable started and ended, p50", start, "ms"));
        foreach (var profile in (TimeProfile[])[TimeProfile.Fast, TimeProfile.Normal, TimeProfile.Patient])
            await OneAsync(options, results, profile, start, moves: options.Scale >= ScaleThatMoves);
    }

    private static double BareStart(BenchmarkOptions options)
    {
        var samples = new Samples();
        for (var turn = 0; turn < 5; turn++)
        {
            var began = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo(options.Executable, ["--version"]) { RedirectStandardOutput = true })!;
            process.WaitForExit();
            samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return samples.P50;
    }

    private static async Task OneAsync(BenchmarkOptions options, Results results, TimeProfile profile, double startMs, bool moves)
    {
        await using var stack = await MeasuredStack.WorkerApartAsync(options, profile.Name);
        using var http = new HttpClient { BaseAddress = stack.Http };
        var client = await stack.ConnectAsync();
        var handle = await client.StartWorkflowAsync(JobNames.Workflow, [Loads.RawSpec.Of(LongSpec)], new($"bench-long-{profile.Name}", JobNames.TaskQueue));
        var job = new JobId(handle.Id);
        await UntilAsync(http, workers => Runs(workers, "w1", job, incarnation: 1), "the job runs on w1", profile.MovedWithin);

        var began = Stopwatch.GetTimestamp();
        await stack.CrashWorkerAsync("w1");
        await stack.StartWorkerAsync("w1");
        await UntilAsync(http, workers => Runs(workers, "w1", job, incarnation: 2), "the job is adopted by w1", profile.MovedWithin);
        results.Add(new("recovery", $"{profile.Name}: worker killed, started again → job adopted, same attempt", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms") { Floor = startMs, FloorIs = "the executable started and ended" });
        if (moves)
        {
            await stack.StartWorkerAsync("w2");
            began = Stopwatch.GetTimestamp();
            await stack.CrashWorkerAsync("w1");
            await UntilAsync(http, workers => Runs(workers, "w2", job, incarnation: 1), "the job runs on w2", profile.MovedWithin * 2);
            results.Add(new("recovery", $"{profile.Name}: worker killed, stays away → job runs elsewhere", Stopwatch.GetElapsedTime(began).TotalSeconds, "s") 
            {
                Aim = profile.MovedWithin.TotalSeconds,
                Floor = Math.Max(profile.Lease.TotalSeconds, profile.HeartbeatTimeout.TotalSeconds) - profile.RenewEvery.TotalSeconds,
                FloorIs = "by rule: lease and heartbeat time-out must end, the last renewal is up to its period ago",
            });
        }

        using var stop = await http.PostAsJsonAsync(ApiPaths.Stop(job), new { requestedBy = "benchmarks", reason = "measured", mode = "now" });
        stop.EnsureSuccessStatusCode();
        await UntilAsync(http, workers => workers.All(worker => worker.Leases.Count == 0), "no lease is left", profile.MovedWithin);
    }

    private static bool Runs(IReadOnlyList<WorkerView> workers, string worker, JobId job, long incarnation) => workers.Any(view =>
        view.Id.Value == worker && view.Incarnation == incarnation && view.State == WorkerState.Ready
        && view.Leases.Any(lease => lease.Job == job && lease.Activity == LeaseActivity.Running));

    private static async Task UntilAsync(HttpClient http, Func<IReadOnlyList<WorkerView>, bool> holds, string what, TimeSpan within)
    {
        var limit = within + TimeSpan.FromSeconds(30);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var page = await http.GetFromJsonAsync<WorkerPage>(ApiPaths.Workers, DispatchJson.Options);
            if (holds(page!.Workers))
                return;
            if (Stopwatch.GetElapsedTime(began) > limit)
                throw new BenchmarkException($"Waited {limit.TotalSeconds:0} s in vain until {what}; there are {string.Join("; ", page.Workers.Select(worker => $"{worker.Id} {worker.State} {worker.Incarnation} with {string.Join(", ", worker.Leases)}"))}.");
            await Task.Delay(LookEvery);
        }
    }
}
