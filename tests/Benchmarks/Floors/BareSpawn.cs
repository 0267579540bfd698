using System.Diagnostics;
using System.Runtime.InteropServices;
using Dispatch.Benchmarks.Measuring;

namespace Dispatch.Benchmarks.Floors;

/// <summary>What no dispatcher can beat: <c>posix_spawn</c> of a program that ends at once, and the wait for its end.</summary>
internal static unsafe partial class BareSpawn
{
    /// <summary>Starts and reaps one process after the other on each of so many threads.</summary>
    /// <returns>Each one's time, and how many a second there were.</returns>
    public static (Samples Each, double PerSecond) Measure(int count, int threads)
    {
        var each = new Samples();
        var next = 0;
        var faults = 0;
        var began = Stopwatch.GetTimestamp();
        var running = Enumerable.Range(0, threads).Select(_ =>
        {
            var thread = new Thread(() =>
            {
                while (Interlocked.Increment(ref next) <= count)
                {
                    var start = Stopwatch.GetTimestamp();
                    if (!Run("/bin/true"u8))
                        Interlocked.Increment(ref faults);
                    each.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            });
            thread.Start();
            return thread;
        }).ToArray();
        foreach (var thread in running)
            thread.Join();
        return faults == 0
            ? (each, count / Stopwatch.GetElapsedTime(began).TotalSeconds)
            : throw new BenchmarkException($"{faults} of {count} processes could not be started, or did not exit with 0.");
    }

    private static bool Run(ReadOnlySpan<byte> program)
    {
        fixed (byte* path = program)
        {
            var arguments = stackalloc byte*[2];
            arguments[0] = path;
            arguments[1] = null;
            var environment = stackalloc byte*[1];
            environment[0] = null;
            int pid, status;
            return Spawn(&pid, path, null, null, arguments, environment) == 0 && WaitPid(pid, &status, 0) == pid && status == 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    private static partial int Spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int pid, int* status, int options);
}
