using Dispatch.Benchmarks.Floors;
using Dispatch.Benchmarks.Reporting;

namespace Dispatch.Benchmarks.Parts;

/// <summary>The floors of plain processes.</summary>
internal sealed record ProcessFloors(double SpawnMs, double SpawnsPerSecond, double SyncMs)
{
    /// <summary>Measures them.</summary>
    public static ProcessFloors Measure(BenchmarkOptions options, Results results)
    {
        BareSpawn.Measure(options.Count(100), 1);
        var (each, _) = BareSpawn.Measure(options.Count(500), 1);
        var (_, perSecond) = BareSpawn.Measure(options.Count(2000), 16);
        var sync = BareSync.NewFiles(options.Count(200));
        results.Add(new("floor", "posix_spawn and wait of /bin/true, alone, p50", each.P50, "ms"));
        results.Add(new("floor", "the same, 16 at once", perSecond, "/s") { MoreIsBetter = true });
        results.Add(new("floor", "new file of 1 KiB and fsync, p50", sync.P50, "ms"));
        results.Add(new("floor", "new file of 1 KiB and fsync, p95", sync.P95, "ms"));
        return new(each.P50, perSecond, sync.P50);
    }
}
