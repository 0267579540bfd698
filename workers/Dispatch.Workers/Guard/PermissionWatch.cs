using System.Collections.Concurrent;
using Dispatch.Runtimes.Host;

namespace Dispatch.Workers.Guard;

/// <summary>Looks every tick at what may still run, and does what <see cref="GuardDecision"/> says.</summary>
internal sealed class PermissionWatch(GuardOptions options, ChildTable table, LeftoverFinder leftovers, GuardServer server, GuardLock directoryLock, HostIdentity host)
{
    /// <summary>How often: a frozen machine may run something on for this long after it wakes.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, Kill> _kills = new();
    private readonly AttemptFolders _folders = new(Path.Combine(options.DataDirectory, PermissionFile.AttemptsFolder));
    private long _workerSeenAt = BootClock.Nanoseconds(options.Clock);

    /// <summary>Runs until the guard is no longer needed.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                if (Act(View()))
                {
                    GuardLog.Leaving(options.Logger);
                    return;
                }

                GuardLogLimit.Hold(options.DataDirectory, options.Clock.GetUtcNow());
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                GuardLog.TickFailed(options.Logger, error);
            }
        }
    }

    private GuardView View()
    {
        if (server.IsConnected)
        {
            _workerSeenAt = BootClock.Nanoseconds(options.Clock);
        }

        var running = table.Running.ToDictionary(process => process.AttemptDirectory);
        var folders = _folders.Due(BootClock.Nanoseconds(options.Clock));
        var views = folders.Union(running.Keys).Select(folder => View(folder, running.GetValueOrDefault(folder))).OfType<AttemptView>().ToList();
        foreach (var gone in _kills.Keys.Except(views.Select(view => view.Directory)))
        {
            _kills.TryRemove(gone, out _);
        }

        return new GuardView
        {
            DirectoryIsOurs = directoryLock.IsOurs,
            WorkerConnected = server.IsConnected,
            WorkerSeenAt = _workerSeenAt,
            Attempts = views,
        };
    }

    private AttemptView? View(string folder, GuardedProcess? process)
    {
        long? ends = null;
        var isContainer = false;
        try
        {
            var permission = PermissionFile.Read(folder);
            _folders.Seen(folder, permission is not null);
            if (permission is not null)
            {
                ends = permission.BootId == host.BootId ? permission.EndsAtNanoseconds : long.MinValue;
                isContainer = permission.Runtime != "process";
            }
        }
        catch (InvalidDataException error)
        {
            GuardLog.PermissionUnreadable(options.Logger, folder, error);
            ends = long.MinValue;
        }

        if (process is null && !isContainer)
        {
            return null;
        }

        var kill = _kills.GetValueOrDefault(folder);
        return new AttemptView
        {
            Directory = folder,
            Process = process?.Name,
            IsContainer = isContainer,
            PermissionEndsAt = ends,
            KilledAt = kill?.At,
            KillUnderWay = kill is { Gone: null },
            KillConfirmed = kill is { Gone: true },
        };
    }

    private bool Act(GuardView view)
    {
        var actions = GuardDecision.Decide(view, BootClock.Nanoseconds(options.Clock), options.WorkerAwayMax.Ticks * 100);
        foreach (var name in actions.KillProcesses)
        {
            GuardLog.ProcessKilled(options.Logger, name);
            table.Signal(name, LinuxNumbers.SIGKILL);
        }

        foreach (var folder in actions.KillContainers)
        {
            _ = KillContainerAsync(folder);
        }

        table.Tidy();
        foreach (var pid in leftovers.FindStrays(table))
        {
            _ = LibC.kill(pid, LinuxNumbers.SIGKILL);
        }

        return actions.Exit;
    }

    private async Task KillContainerAsync(string folder)
    {
        var at = BootClock.Nanoseconds(options.Clock);
        _kills[folder] = new Kill(at, null);
        var gone = false;
        try
        {
            if (PermissionFile.Read(folder) is { } permission)
            {
                gone = await ContainerKill.KillAsync(permission, options, host).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GuardLog.TickFailed(options.Logger, error);
        }
        finally
        {
            _kills[folder] = new Kill(at, gone);
        }
    }

    private sealed record Kill(long At, bool? Gone);
}
