using System.Collections.Concurrent;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>After the main process: kills what it left, completes the output, writes the report.</summary>
internal sealed class ProcessFinisher(GuardOptions options, StartBook starts, LeftoverFinder leftovers, Func<bool> workerConnected)
{
    /// <summary>How long leftovers may take to die of SIGKILL before the report is written without them.</summary>
    internal static readonly TimeSpan KillMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookFirstAfter = TimeSpan.FromMilliseconds(1), LookAtLeastEvery = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<AttemptCgroup> _stale = new();

    /// <summary>Removes cgroups that were still in use when their process was over.</summary>
    internal void RemoveStale()
    {
        for (var left = _stale.Count; left > 0 && _stale.TryDequeue(out var cgroup); left--)
        {
            if (!cgroup.TryRemove())
            {
                _stale.Enqueue(cgroup);
            }
        }
    }

    /// <summary>Begins; the end is <see cref="GuardedProcess.Ended"/>.</summary>
    internal void Finish(GuardedProcess process, ChildTable table) => _ = Task.Run(() => FinishAsync(process, table));

    private async Task FinishAsync(GuardedProcess process, ChildTable table)
    {
        try
        {
            await KillLeftoversAsync(process, table).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever went wrong in looking, the process has ended and somebody waits for its report.
        catch (Exception error)
#pragma warning restore CA1031
        {
            GuardLog.LeftoversUnknown(options.Logger, process.Name, error);
        }

        process.Stdout?.Finish();
        process.Stderr?.Finish();
        var report = Report(process);
        if (process.Cgroup is { } cgroup && !cgroup.TryRemove())
        {
            GuardLog.CgroupStays(options.Logger, process.Name);
            _stale.Enqueue(cgroup);
        }

        try
        {
            starts.End(process.Name, report, durable: !workerConnected());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The disk is full: who waits still gets the report, a restarted guard will not have it.
            GuardLog.ReportNotWritten(options.Logger, process.Name, error);
        }

        process.SetEnded(report);
    }

    private async Task KillLeftoversAsync(GuardedProcess process, ChildTable table)
    {
        var began = TimeProvider.System.GetTimestamp();
        var delay = LookFirstAfter;
        while (true)
        {
            var found = leftovers.Find(process, table);
            if (found.Count == 0)
            {
                return;
            }

            foreach (var pid in found)
            {
                _ = LibC.kill(pid, LinuxNumbers.SIGKILL);
            }

            if (TimeProvider.System.GetElapsedTime(began) > KillMax)
            {
                GuardLog.LeftoversStay(options.Logger, process.Name, found.Count);
                return;
            }

            await Task.Delay(delay).ConfigureAwait(false);
            delay = delay * 2 < LookAtLeastEvery ? delay * 2 : LookAtLeastEvery;
        }
    }

    private static ExitReport Report(GuardedProcess process)
    {
        var end = process.MainEnd!.Value;
        return new ExitReport
        {
            Code = end.Code,
            Signal = end.Signal,
            OutOfMemory = process.Cgroup?.OutOfMemoryKills() > 0,
            StartedAt = process.Start.StartedAt,
            FinishedAt = process.FinishedAt,
            CpuSeconds = end.CpuSeconds,
            PeakMemoryBytes = process.Cgroup?.PeakMemoryBytes() ?? end.PeakMemoryBytes,
            OutputBytesLost = (process.Stdout?.BytesLost ?? 0) + (process.Stderr?.BytesLost ?? 0),
        };
    }
}
