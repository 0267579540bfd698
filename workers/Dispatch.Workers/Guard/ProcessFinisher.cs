using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Workers.Guard;

/// <summary>After the main process: kills what it left, completes the output, writes the report.</summary>
internal sealed class ProcessFinisher(LeftoverFinder leftovers, ILogger logger)
{
    /// <summary>How long leftovers may take to die of SIGKILL before the report is written without them.</summary>
    internal static readonly TimeSpan KillMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookFirstAfter = TimeSpan.FromMilliseconds(1), LookAtLeastEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Begins; the end is <see cref="GuardedProcess.Ended"/>.</summary>
    internal void Finish(GuardedProcess process, ChildTable table) => _ = Task.Run(() => FinishAsync(process, table));

    private async Task FinishAsync(GuardedProcess process, ChildTable table)
    {
        try
        {
            await KillLeftoversAsync(process, table).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GuardLog.LeftoversUnknown(logger, process.Name, error);
        }

        process.Stdout?.Finish();
        process.Stderr?.Finish();
        var report = Report(process);
        if (process.Cgroup?.TryRemove() == false)
        {
            GuardLog.CgroupStays(logger, process.Name);
        }

        try
        {
            WriteReport(process.Folder, report);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The attempt's folder was taken away or the disk is full: who waits still gets the report, a restarted guard will not have it.
            GuardLog.ReportNotWritten(logger, process.Name, error);
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
                GuardLog.LeftoversStay(logger, process.Name, found.Count);
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

    /// <summary>Writes a report so that it survives the machine: file and folder are synced.</summary>
    internal static void WriteReport(string folder, ExitReport report)
    {
        var file = ProcessLayout.ExitFile(folder);
        var draft = file + ".new";
        using (var handle = File.OpenHandle(draft, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, report.ToJson(), 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(draft, file, overwrite: true);
        using var directory = new SafeFileHandle(OwnFiles.Open(folder, append: false), ownsHandle: true);
        _ = LibC.fsync((int)directory.DangerousGetHandle());
    }
}
