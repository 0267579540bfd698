using System.Collections.Frozen;
using System.Diagnostics;
using Dispatch.Benchmarks.Reporting;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Workers;
using Dispatch.Routing;
using Dispatch.Routing.Policies;

namespace Dispatch.Benchmarks.Parts;

/// <summary>Decisions of the default router over pools of many sizes: a job with a constraint and a preference, workers with labels, none excluded.</summary>
internal static class RouterPart
{
    private const double AimMicrosecondsPerCandidate = 1;
    private const string FloorIs = "a bare look at one number of each";
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(0.5);

    public static void Run(BenchmarkOptions options, Results results)
    {
        var router = RoutingPolicies.Create("least-loaded") ?? throw new BenchmarkException("There is no routing policy 'least-loaded'.");
        var job = JobFacts.Of(new("job"), new JobSpec
        {
            Process = ["true"],
            Constraints = [new LabelConstraint("zone", LabelOperator.In, ["a", "b"])],
            Preferences = [new LabelPreference(new LabelConstraint("disk", LabelOperator.Equal, ["ssd"]), 50)],
        });
        foreach (var workers in (int[])[10, 100, 1_000, 10_000])
        {
            var request = new RoutingRequest { Job = job, Candidates = [.. Enumerable.Range(0, workers).Select(Worker)] };
            var expected = router.Route(request).Chosen?.Worker;
            if (expected is null)
                throw new BenchmarkException($"The router finds none of {workers} workers, of which half fit.");
            Repeat(() => router.Route(request), Span * options.Scale);
            var perSecond = Repeat(() => router.Route(request), Span * options.Scale);
            if (router.Route(request).Chosen?.Worker != expected)
                throw new BenchmarkException("The router answers one question in two ways.");
            var looks = Repeat(() => Freest(request), Span * options.Scale);
            results.Add(new("router", $"{workers:N0} workers", perSecond, "decisions/s") { MoreIsBetter = true, Floor = looks, FloorIs = FloorIs });
            results.Add(new("router", $"{workers:N0} workers: a candidate", 1e6 / perSecond / workers, "µs") { Aim = AimMicrosecondsPerCandidate, Floor = 1e6 / looks / workers, FloorIs = FloorIs });
        }
    }

    /// <summary>The floor: the candidate with the most processor left, by nothing else.</summary>
    private static CandidateView? Freest(RoutingRequest request)
    {
        CandidateView? freest = null;
        foreach (var candidate in request.Candidates)
        {
            if (candidate.Free.CpuMilli > (freest?.Free.CpuMilli ?? -1))
                freest = candidate;
        }

        return freest;
    }

    private static double Repeat(Func<object?> decide, TimeSpan span)
    {
        var decisions = 0;
        var began = Stopwatch.GetTimestamp();
        while (decisions < 2 || Stopwatch.GetElapsedTime(began) < span)
        {
            GC.KeepAlive(decide());
            decisions++;
        }

        return decisions / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static CandidateView Worker(int number)
    {
        var total = new Amounts { Slots = 16, CpuMilli = 16_000, MemoryBytes = 64L << 30 };
        var used = number % 13;
        return new CandidateView
        {
            Worker = new($"worker-{number:D5}"),
            Incarnation = 1,
            Pool = "default",
            State = WorkerState.Ready,
            Total = total,
            Free = total with { CpuMilli = total.CpuMilli - (used * 1000), Slots = total.Slots - used },
            Leases = used,
            Labels = new Dictionary<string, string> { ["zone"] = "abcd"[number % 4].ToString(), ["disk"] = number % 3 == 0 ? "ssd" : "hdd" }.ToFrozenDictionary(),
            Runtimes = ["process", "docker"],
        };
    }
}
