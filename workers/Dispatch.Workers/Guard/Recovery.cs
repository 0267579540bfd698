using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>What a starting guard does about processes of one that died: it ends them, as the dead one would have, and reports them as lost.</summary>
/// <remarks>
/// The kernel ends nothing by itself when a guard dies: the setting that does so is lost over <c>posix_spawn</c>. A worker notices at once (its connection ends) and starts the next guard,
/// so a dead guard's processes live on for the time of one start; where the worker is gone too, until either is back.
/// Without cgroups, one that left the session and cleared its environment cannot be told from others once the guard is dead; while the guard lives it is found as its descendant.
/// </remarks>
internal sealed class Recovery(GuardOptions options, StartBook starts, CgroupTree cgroups, HostIdentity host)
{
    private static readonly TimeSpan KillMax = TimeSpan.FromSeconds(5);

    internal async Task RunAsync(ChildTable table, CancellationToken cancellationToken)
    {
        foreach (var record in starts.Read())
        {
            var report = record.Report;
            var cgroup = cgroups.Attempt(record.Name);
            if (report is null)
            {
                if (record.BootId == host.BootId)
                {
                    await KillAsync(record, cgroup, cancellationToken).ConfigureAwait(false);
                }

                report = new ExitReport { Lost = true, StartedAt = record.Start?.StartedAt ?? options.Clock.GetUtcNow(), FinishedAt = options.Clock.GetUtcNow() };
                starts.End(record.Name, report, durable: true);
            }

            cgroup?.TryRemove();
            var process = new GuardedProcess(record.Name, record.Place, record.Start ?? new GuardStart(0, 0, report.StartedAt, Now: false));
            process.SetEnded(report);
            table.AddEnded(process);
        }

        foreach (var name in cgroups.Attempts())
        {
            if (cgroups.Attempt(name) is { } cgroup)
            {
                foreach (var pid in cgroup.Members())
                {
                    _ = LibC.kill(pid, LinuxNumbers.SIGKILL);
                }

                cgroup.TryRemove();
            }
        }
    }

    private async Task KillAsync(StartRecord record, AttemptCgroup? cgroup, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var killed = new HashSet<int>();
        while (Find(record, cgroup) is { Count: > 0 } found && TimeProvider.System.GetElapsedTime(began) < KillMax)
        {
            foreach (var pid in found)
            {
                killed.Add(pid);
                _ = LibC.kill(pid, LinuxNumbers.SIGKILL);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken).ConfigureAwait(false);
        }

        if (killed.Count > 0)
        {
            GuardLog.LeftoversOfDeadGuard(options.Logger, record.Name, killed.Count);
        }
    }

    /// <summary>By cgroup, by the main process and its session, by the name in the environment, and what descends from those.</summary>
    private static HashSet<int> Find(StartRecord record, AttemptCgroup? cgroup)
    {
        var found = cgroup?.Members() ?? [];
        var table = ProcessTable.All().Where(stat => !stat.HasEnded && stat.Pid != Environment.ProcessId).ToList();
        var marker = $"{ProcessLayout.ContainerVariable}={record.Name}";
        foreach (var stat in table)
        {
            var isMain = record.Start is { } start && stat.Pid == start.ProcessId && stat.StartTicks == start.StartTicks;
            var inSession = record.Start is { } main && stat.Session == main.ProcessId && stat.StartTicks >= main.StartTicks;
            if (isMain || inSession || ProcessTable.HasEnvironment(stat.Pid, marker))
            {
                found.Add(stat.Pid);
            }
        }

        foreach (var pid in found.ToArray())
        {
            ProcessTable.AddDescendants(pid, found);
        }

        found.RemoveWhere(pid => ProcStat.Read(pid) is not { HasEnded: false });
        return found;
    }
}
