namespace Dispatch.Workers.Guard;

/// <summary>What the guard does at one tick.</summary>
/// <param name="KillProcesses">Names of processes to kill.</param>
/// <param name="KillContainers">Folders of attempts whose container is to be killed.</param>
/// <param name="Exit">Whether the guard ends itself.</param>
internal sealed record GuardActions(IReadOnlyList<string> KillProcesses, IReadOnlyList<string> KillContainers, bool Exit);

/// <summary>Decides what may no longer run, and when the guard is no longer needed. Pure.</summary>
internal static class GuardDecision
{
    /// <summary>After this a container whose kill is not confirmed is killed again.</summary>
    internal const long KillAgainAfter = 1_000_000_000;

    /// <summary>After this a container that was gone is looked for again while its permission file stays: a start may have been under way.</summary>
    internal const long LookAgainAfter = 5_000_000_000;

    /// <summary>Decides.</summary>
    /// <param name="view">What is.</param>
    /// <param name="now">Now, in nanoseconds on the boot-time clock.</param>
    /// <param name="workerAwayMax">How long a worker may stay away, in nanoseconds.</param>
    internal static GuardActions Decide(GuardView view, long now, long workerAwayMax)
    {
        var away = !view.WorkerConnected && now - view.WorkerSeenAt >= workerAwayMax;
        var processes = new List<string>();
        var containers = new List<string>();
        var busy = false;
        foreach (var attempt in view.Attempts)
        {
            var ended = attempt.PermissionEndsAt <= now;
            if (attempt.Process is { } process)
            {
                busy = true;
                if (ended || !view.DirectoryIsOurs || (attempt.PermissionEndsAt is null && away))
                {
                    processes.Add(process);
                }
            }

            if (attempt.IsContainer)
            {
                busy |= !ended || !attempt.KillConfirmed || attempt.KillUnderWay;
                if (ended && IsKillDue(attempt, now))
                {
                    containers.Add(attempt.Directory);
                }
            }
        }

        return new GuardActions(processes, containers, !busy && (away || !view.DirectoryIsOurs));
    }

    private static bool IsKillDue(AttemptView attempt, long now) =>
        !attempt.KillUnderWay && (attempt.KilledAt is not { } last || now - last >= (attempt.KillConfirmed ? LookAgainAfter : KillAgainAfter));
}
