using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>Finds what a process left behind. Whoever survives the main process descends from a child that this guard was given as its nearest living ancestor.</summary>
internal sealed class LeftoverFinder(CgroupTree cgroups)
{
    /// <summary>Everything alive of a process whose main process has ended.</summary>
    internal HashSet<int> Find(GuardedProcess process, ChildTable table)
    {
        var found = process.Cgroup?.Members() ?? [];
        foreach (var pid in ProcessTable.AdoptedChildren())
        {
            if (!table.IsMain(pid) && !found.Contains(pid) && Owner(pid, table) == process.Name)
            {
                found.Add(pid);
                ProcessTable.AddDescendants(pid, found);
            }
        }

        found.RemoveWhere(pid => ProcStat.Read(pid) is not { HasEnded: false });
        return found;
    }

    /// <summary>Adopted children that belong to no process that runs.</summary>
    internal HashSet<int> FindStrays(ChildTable table)
    {
        var found = new HashSet<int>();
        foreach (var pid in ProcessTable.AdoptedChildren())
        {
            if (!table.IsMain(pid) && ProcStat.Read(pid) is { HasEnded: false } && (Owner(pid, table) is not { } name || table.Find(name) is not { Report: null }))
            {
                var unknown = Owner(pid, table) is null;
                if (!unknown || table.Running.Count == 0)
                {
                    found.Add(pid);
                    ProcessTable.AddDescendants(pid, found);
                }
            }
        }

        return found;
    }

    /// <summary>Whose it is: by cgroup, session, environment, open output; of the only one that runs where nothing says.</summary>
    private string? Owner(int pid, ChildTable table)
    {
        if (cgroups.AttemptOf(pid) is { } name)
        {
            return name;
        }

        var running = table.Running;
        if (ProcStat.Read(pid) is { } stat && running.FirstOrDefault(process => process.Start.ProcessId == stat.Session) is { } bySession)
        {
            return bySession.Name;
        }

        return running.FirstOrDefault(process => ProcessTable.HasEnvironment(pid, $"{ProcessLayout.ContainerVariable}={process.Name}"))?.Name
            ?? running.FirstOrDefault(process => ProcessTable.HasOpen(pid, [process.Stdout?.Name ?? "", process.Stderr?.Name ?? ""]))?.Name
            ?? (running.Count == 1 ? running[0].Name : null);
    }
}
