using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Workers;
using Dispatch.Simulation.Registry;
using Dispatch.Simulation.Temporal;
using Dispatch.Simulation.Time;
using Dispatch.Simulation.Workers;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Faults;

/// <summary>Jobs that are started and faults that happen, at random moments of a run.</summary>
internal sealed class FaultPlan(World world)
{
    private readonly Profile profile = world.Profile;
    private int commands;

    private IEnumerable<Link> Links => world.WorkerHosts.SelectMany(host => new[] { host.Worker.RegistryLink, host.Worker.TemporalLink })
        .Concat(world.Hosts.SelectMany(host => new[] { host.Link, host.Placing.Link, host.Placing.RunsLink }))
        .Append(world.Server.Link).Append(world.Server.TemporalLink);

    public void Schedule()
    {
        var jobs = world.Chance.Whole(1, profile.JobsMost);
        for (var number = 1; number <= jobs; number++)
        {
            var job = new JobId($"j{number}");
            var grace = world.Chance.Whole(0, 3);
            var process = world.Chance.Happens(profile.Processes);
            var what = process ? "\"process\":[\"true\"]" : "\"image\":\"a/b:1\"";
            var retry = profile.Retry is { } budgets ? $",\"retry\":{budgets}" : "";
            var runs = world.Chance.Span(profile.Runs.Least, profile.Runs.Most);
            var deadline = profile.Deadlines is { } share ? $",\"run\":\"{Math.Max(1, (int)(runs.TotalSeconds * share))}s\"" : "";
            world.Workloads[job] = new($"{{{what},\"resources\":{{\"cpu\":1,\"memory\":\"1Mi\"}},\"timeouts\":{{\"stopGrace\":\"{grace}s\"{deadline}}}{retry}}}", runs, world.Chance.Happens(0.12) ? 3 : 0, process);
            world.Time.At(world.Chance.Span(0, profile.Horizon.TotalSeconds / 3), () => world.StartJob(job));
        }

        if (profile.Faults.Count == 0) return;
        var faults = world.Chance.Whole(1, profile.FaultsMost);
        for (var number = 0; number < faults; number++)
        {
            var kind = world.Chance.Of(profile.Faults);
            world.Time.At(world.Chance.Span(0.5, profile.Horizon.TotalSeconds * 0.8), () => Happen(kind));
        }
    }

    /// <summary>All heals.</summary>
    public void Heal()
    {
        world.Log("faults", "all heal");
        foreach (var link in Links) link.Heal();
        world.Registry.Start();
        world.Server.Start();
        foreach (var host in world.Hosts) host.Start();
        foreach (var host in world.WorkerHosts)
        {
            (host.Runtime.Hangs, host.Runtime.Fails, host.Runtime.SlowStart, host.Disk.SlowSeconds, host.Disk.Refuses) = (false, false, 0, 0, false);
            Wish(host, WorkerWish.None);
            if (!host.Worker.IsRetired) host.Worker.Start();
        }

        // A reset may have taken an unpause away, which nobody would give again.
        foreach (var run in world.Temporal.Runs.Where(run => run is { WasReset: true, Closed: false }).ToArray()) Unpause(run);
    }

    private void Unpause(Run run) =>
        world.Temporal.Append(run, new JobInput.CommandReceived($"command-{++commands}", new JobCommand.Unpause { RequestedBy = "simulation", Reason = "chance" }));

    private void Happen(FaultKind kind)
    {
        var scale = world.Times.Lease.TotalSeconds / 7;
        var lasts = world.Chance.Span(0, 1).TotalSeconds;
        // Short ones as often as long ones.
        var seconds = profile.Lasts.Least * Math.Pow(profile.Lasts.Most / profile.Lasts.Least, lasts) * scale;
        var until = world.Now + TimeSpan.FromSeconds(seconds);
        var host = world.Chance.Of(world.WorkerHosts);
        var placing = world.Chance.Of(world.Hosts);
        world.Log("faults", $"{kind} for {seconds:0.0} s, {host.Machine.Name}, {placing.Name}");
        switch (kind)
        {
            case FaultKind.HostCrash: Down(placing, until); break;
            case FaultKind.HostFreeze: placing.Machine.Freeze(TimeSpan.FromSeconds(seconds)); break;
            case FaultKind.ServerCrash: Down(world.Server, until); break;
            case FaultKind.RegistryCrash: Trouble(until, [.. world.WorkerHosts]); Down(world.Registry, until); break;
            case FaultKind.RegistryOutage:
                Trouble(until, [.. world.WorkerHosts]);
                foreach (var link in world.WorkerHosts.Select(one => one.Worker.RegistryLink).Concat(world.Hosts.Select(one => one.Placing.Link)).Append(world.Server.Link)) Cut(link, until, both: true);
                break;
            case FaultKind.TemporalOutage:
                Trouble(until, [.. world.WorkerHosts]);
                foreach (var link in world.WorkerHosts.Select(one => one.Worker.TemporalLink).Concat(world.Hosts.SelectMany(one => new[] { one.Link, one.Placing.RunsLink })).Append(world.Server.TemporalLink)) Cut(link, until, both: true);
                break;
            case FaultKind.WorkerCrash: Trouble(until, host); Down(host.Worker, until); break;
            case FaultKind.GuardCrash: Trouble(until, host); host.Guard.Crash(); break;
            case FaultKind.WorkerAndGuardCrash: Trouble(until, host); host.Guard.Crash(); Down(host.Worker, until); break;
            case FaultKind.CutWorkerRegistry: Trouble(until, host); Cut(host.Worker.RegistryLink, until); break;
            case FaultKind.CutWorkerTemporal: Trouble(until, host); Cut(host.Worker.TemporalLink, until); break;
            case FaultKind.CutWorker: Trouble(until, host); Cut(host.Worker.RegistryLink, until); Cut(host.Worker.TemporalLink, until); break;
            case FaultKind.CutHostRegistry: Cut(placing.Placing.Link, until); break;
            case FaultKind.CutHostTemporal: Cut(placing.Link, until); Cut(placing.Placing.RunsLink, until); break;
            case FaultKind.CutServer: Cut(world.Server.Link, until); Cut(world.Server.TemporalLink, until); break;
            case FaultKind.SlowLink or FaultKind.LossyLink or FaultKind.RepeatingLink: Trouble(until, [.. world.WorkerHosts]); Weaken(kind, until); break;
            case FaultKind.SlowWorkerLinks:
                Trouble(until, host);
                foreach (var link in new[] { host.Worker.RegistryLink, host.Worker.TemporalLink }) Until(until, () => link.SlowSeconds = world.Chance.Share() * 3 * scale, () => link.SlowSeconds = 0);
                break;
            case FaultKind.BadWorkerRegistry:
                Trouble(until, host);
                Until(until, () => (host.Worker.RegistryLink.SlowSeconds, host.Worker.RegistryLink.LossShare) = (world.Chance.Share() * 8, 0.3), () => (host.Worker.RegistryLink.SlowSeconds, host.Worker.RegistryLink.LossShare) = (0, 0));
                break;
            case FaultKind.LateWorkerRegistry: Trouble(until, host); Until(until, () => host.Worker.RegistryLink.LateShare = 0.3, () => host.Worker.RegistryLink.LateShare = 0); break;
            case FaultKind.BadHostRegistry:
                Until(until, () => (placing.Placing.Link.SlowSeconds, placing.Placing.Link.LossShare) = (world.Chance.Share() * 12, 0.3), () => (placing.Placing.Link.SlowSeconds, placing.Placing.Link.LossShare) = (0, 0));
                break;
            case FaultKind.SlowDisk: Trouble(until, host); Until(until, () => host.Disk.SlowSeconds = world.Chance.Share() * 3, () => host.Disk.SlowSeconds = 0); break;
            case FaultKind.FullDisk: Trouble(until, host); Until(until, () => host.Disk.Refuses = true, () => host.Disk.Refuses = false); break;
            case FaultKind.RuntimeFails: Until(until, () => host.Runtime.Fails = true, () => host.Runtime.Fails = false); break;
            case FaultKind.Drain: Trouble(until, host); Drain(host, until); break;
            case FaultKind.SlowStart: Until(until, () => host.Runtime.SlowStart = world.Chance.Share() * 25, () => host.Runtime.SlowStart = 0); break;
            case FaultKind.RuntimeHangs: Trouble(until, host); Until(until, () => host.Runtime.Hangs = true, () => host.Runtime.Hangs = false); break;
            case FaultKind.ClockJump: host.Machine.WallOffset += world.Chance.Span(-3600, 3600) * (world.Chance.Happens(0.5) ? 1 : 0.01); break;
            case FaultKind.Freeze: Trouble(until + TimeSpan.FromSeconds(5), host); host.Machine.Freeze(TimeSpan.FromSeconds(seconds)); break;
            case FaultKind.Twin: Twin(host); break;
            case FaultKind.Reboot: Reboot(host, until); break;
            default: Ask(kind, until); break;
        }
    }

    private void Ask(FaultKind kind, TimeSpan until)
    {
        var runs = world.Temporal.Runs.GroupBy(run => run.Job).Select(job => job.Last()).ToArray();
        if (runs.Length == 0) return;
        var run = world.Chance.Of(runs);
        world.Oracle.AskedFor(run, kind);
        switch (kind)
        {
            case FaultKind.Terminate: world.Temporal.Terminate(run); break;
            case FaultKind.TerminateAndAnew:
                world.Temporal.Terminate(run);
                world.Time.At(world.Now + world.Chance.Span(0.01, 3), () =>
                {
                    if (world.Temporal.Current(run.Job)!.Closed) world.StartJob(run.Job);
                });
                break;
            case FaultKind.Reset: world.Temporal.Reset(run); break;
            case FaultKind.Cancel: world.Temporal.Append(run, new JobInput.CancelRequested()); break;
            case FaultKind.Stop:
                world.Temporal.Append(run, new JobInput.CommandReceived($"command-{++commands}", new JobCommand.Stop(world.Chance.Happens(0.5) ? StopMode.Now : StopMode.Graceful) { RequestedBy = "simulation", Reason = "chance" }));
                break;
            case FaultKind.Extend:
                world.Temporal.Append(run, new JobInput.CommandReceived($"command-{++commands}", new JobCommand.Extend(world.Chance.Span(5, 60)) { RequestedBy = "simulation", Reason = "chance" }));
                break;
            case FaultKind.Pause:
                world.Temporal.Append(run, new JobInput.CommandReceived($"command-{++commands}", new JobCommand.Pause { RequestedBy = "simulation", Reason = "chance" }));
                world.Time.At(until, () => Unpause(run));
                break;
            default: ServerProcess.Nudge(world, run.Job, run.RunId); break;
        }
    }

    private void Drain(Host host, TimeSpan until)
    {
        if (!world.Registry.Up) return;
        Wish(host, WorkerWish.Drain);
        world.Time.At(until, () => Wish(host, WorkerWish.None));
    }

    /// <summary>What an operator wants of a worker; the command is at the registry, or has failed.</summary>
    private void Wish(Host host, WorkerWish wish)
    {
        if (world.Registry.Up) world.Registry.Now(registry => registry.WishAsync(new(host.Worker.Id, wish, "simulation", "chance"), default));
    }

    private void Twin(Host host)
    {
        var twin = world.TwinOf(host);
        Trouble(profile.Horizon + TimeSpan.FromDays(1), host, twin);
        (twin.Worker.Up ? host : twin).Worker.Start();
    }

    private void Down(Process process, TimeSpan until)
    {
        process.Crash();
        world.Time.At(until, process.Start);
    }

    private void Reboot(Host host, TimeSpan until)
    {
        Trouble(until + TimeSpan.FromSeconds(5), host);
        host.Worker.Crash();
        host.Guard.Crash();
        host.Runtime.Reboot();
        host.Disk.LosePower();
        host.Machine.Reboot();
        world.Time.At(until, host.Worker.Start);
    }

    private void Cut(Link link, TimeSpan until, bool both = false)
    {
        var which = both ? 0 : world.Chance.Whole(0, 3);
        if (which != 1) link.CutForth = true;
        if (which != 2) link.CutBack = true;
        world.Time.At(until, () => (link.CutForth, link.CutBack) = (false, false));
    }

    private void Weaken(FaultKind kind, TimeSpan until)
    {
        var link = world.Chance.Of(Links.ToArray());
        switch (kind)
        {
            case FaultKind.SlowLink: Until(until, () => link.SlowSeconds = world.Chance.Share() * 4, () => link.SlowSeconds = 0); break;
            case FaultKind.LossyLink: Until(until, () => link.LossShare = world.Chance.Share() * 0.8, () => link.LossShare = 0); break;
            default: Until(until, () => link.RepeatShare = 0.5, () => link.RepeatShare = 0); break;
        }
    }

    private void Until(TimeSpan until, Action begin, Action end)
    {
        begin();
        world.Time.At(until, end);
    }

    private static void Trouble(TimeSpan until, params Host[] hosts)
    {
        foreach (var host in hosts)
        {
            if (until > host.TroubledAt) host.TroubledAt = until;
        }
    }
}
