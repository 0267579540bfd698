using Dispatch.Runtimes.Host;

namespace Dispatch.Workers.Guard;

/// <summary>Kills one container: through its runtime, and when that does not answer, by process id and cgroup.</summary>
internal static class ContainerKill
{
    /// <summary>Kills it; true when it is certain that it does not run.</summary>
    internal static async Task<bool> KillAsync(Permission permission, GuardOptions options, HostIdentity host)
    {
        if (options.ContainerKiller is { } killer)
        {
            using var late = new CancellationTokenSource(options.KillAnswerWithin);
            try
            {
                // The wait ends in time also where the runtime's client does not heed the token.
                if (await killer.KillAsync(permission.Runtime, permission.ContainerId, late.Token).WaitAsync(late.Token).ConfigureAwait(false))
                {
                    GuardLog.ContainerKilled(options.Logger, permission.ContainerId, permission.Runtime, "runtime", gone: true);
                    return true;
                }
            }
#pragma warning disable CA1031 // Whatever the runtime's client throws, the container must end: the kernel is asked next.
            catch (Exception error)
#pragma warning restore CA1031
            {
                GuardLog.KillerFailed(options.Logger, permission.ContainerId, permission.Runtime, error);
            }
        }

        if (permission.BootId != host.BootId)
        {
            return false;
        }

        var gone = KillByKernel(permission);
        GuardLog.ContainerKilled(options.Logger, permission.ContainerId, permission.Runtime, "process id and cgroup", gone);
        return gone;
    }

    private static bool KillByKernel(Permission permission)
    {
        if (permission.Process is not { } main)
        {
            return false;
        }

        main.Signal(LinuxNumbers.SIGKILL);
        if (permission.Cgroup is { } cgroup && ProcFile.Read(Path.Combine(cgroup, "cgroup.procs")) is { } text)
        {
            // One in which the guard itself is, is no container's.
            var members = ProcFile.Numbers(text);
            foreach (var pid in members.Contains(Environment.ProcessId) ? [] : members)
            {
                _ = LibC.kill(pid, LinuxNumbers.SIGKILL);
            }
        }

        return !main.IsRunning;
    }
}
