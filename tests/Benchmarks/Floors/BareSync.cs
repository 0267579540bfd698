using System.Diagnostics;
using Dispatch.Benchmarks.Measuring;

namespace Dispatch.Benchmarks.Floors;

/// <summary>What it costs to make a few hundred bytes survive a power cut, on the disk that the jobs' worker uses.</summary>
internal static class BareSync
{
    private const int Bytes = 1024;

    /// <summary>New files, each written and flushed.</summary>
    public static Samples NewFiles(int count)
    {
        var each = new Samples();
        var folder = Directory.CreateTempSubdirectory("dispatch-bench-sync-").FullName;
        try
        {
            var content = new byte[Bytes];
            for (var number = 0; number < count; number++)
            {
                var start = Stopwatch.GetTimestamp();
                using (var file = File.OpenHandle(Path.Combine(folder, $"{number}"), FileMode.CreateNew, FileAccess.Write))
                {
                    RandomAccess.Write(file, content, 0);
                    RandomAccess.FlushToDisk(file);
                }

                each.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return each;
    }
}
