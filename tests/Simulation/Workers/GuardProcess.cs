using Dispatch.Simulation.Time;
using Dispatch.Workers.Guard;

namespace Dispatch.Simulation.Workers;

/// <summary>The guard of one host: its tick's decision is the production code's; reading files and killing are by hand.</summary>
internal sealed class GuardProcess(World world, Host host) : Process(world, $"{host.Machine.Name}-guard", host.Machine)
{
    private static readonly long AwayMax = Nanoseconds(new GuardOptions { DataDirectory = "/" }.WorkerAwayMax);
    private readonly Dictionary<string, Kill> kills = [];
    private long workerSeenAt;

    public override void Start()
    {
        if (Up) return;
        if (!host.Worker.Up || World.Now == host.Worker.UpSince) host.UnwatchedAt = World.Now;
        base.Start();
        kills.Clear();
        workerSeenAt = Nanoseconds(Machine.Boot);
        Every(PermissionWatch.Tick, Tick);
    }

    public override void Crash()
    {
        if (!Up) return;
        base.Crash();
        host.Runtime.GuardDies();
    }

    private void Tick()
    {
        if (!World.Mutant.GuardWorks) return;
        var now = Nanoseconds(Machine.Boot);
        if (host.Worker.Up) workerSeenAt = now;
        if (host.Disk.Attempts.Count == 0 && host.Worker.Up) return;
        var views = new List<AttemptView>();
        foreach (var (name, attempt) in host.Disk.Attempts)
        {
            if (attempt.Permission is not { } permission) continue;
            var kill = kills.GetValueOrDefault(name);
            views.Add(new()
            {
                Directory = name,
                IsContainer = !World.Workloads[attempt.Intent.Input.Job].IsProcess,
                Process = host.Runtime.Find(attempt.Intent.ContainerName) is { IsProcess: true, Phase: Runtimes.ContainerPhase.Running } ? name : null,
                PermissionEndsAt = permission.BootId == Machine.BootId ? Nanoseconds(permission.EndsAt) : long.MinValue,
                KilledAt = kill?.At,
                KillUnderWay = kill is { Gone: null },
                KillConfirmed = kill is { Gone: true },
            });
        }

        foreach (var gone in kills.Keys.Except(views.Select(view => view.Directory)).ToArray()) kills.Remove(gone);
        var actions = GuardDecision.Decide(new() { WorkerConnected = host.Worker.Up, WorkerSeenAt = workerSeenAt, Attempts = views }, now, AwayMax);
        foreach (var name in actions.KillContainers) KillContainer(name, now);
        foreach (var name in actions.KillProcesses)
        {
            if (host.Runtime.Find(host.Disk.Attempts[name].Intent.ContainerName) is { } process) host.Runtime.Kill(process, "guard");
        }

        if (actions.Exit) Crash();
    }

    /// <summary>Through the runtime; where that hangs, after a moment by the process.</summary>
    private void KillContainer(string name, long now)
    {
        kills[name] = new(now, null);
        var hangs = host.Runtime.Hangs;
        After(hangs ? TimeSpan.FromMilliseconds(400) : World.Chance.Span(0.002, 0.2), () =>
        {
            var gone = false;
            if (host.Disk.Attempts.GetValueOrDefault(name)?.Permission is { } permission)
            {
                var container = host.Runtime.Find(permission.Container);
                if (container is not null && (!hangs || permission.KnowsProcess)) host.Runtime.Kill(container, "guard");
                gone = container?.Phase != Runtimes.ContainerPhase.Running && (!hangs || permission.KnowsProcess);
            }

            kills[name] = new(now, gone);
        });
    }

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private sealed record Kill(long At, bool? Gone);
}
