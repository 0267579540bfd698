using System.Runtime.InteropServices;

namespace Dispatch.Benchmarks.Reporting;

/// <summary>On what it was measured, without anything that names the machine.</summary>
internal sealed record Machine
{
    public required string Processor { get; init; }

    public required int Cores { get; init; }

    public required double MemoryGiB { get; init; }

    public required string Kernel { get; init; }

    public required string Runtime { get; init; }

    /// <summary>The load average of the last minute before the run: above 0.5 the machine was not idle.</summary>
    public required double LoadBefore { get; init; }

    public static Machine Read()
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
        return new()
        {
            Processor = processor,
            Cores = Environment.ProcessorCount,
            MemoryGiB = Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), 1),
            Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            Runtime = RuntimeInformation.FrameworkDescription,
            LoadBefore = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture),
        };
    }
}
