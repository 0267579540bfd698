using Dispatch.Contracts.Runs;
using Dispatch.Runtimes;

namespace Dispatch.Simulation.Workers;

/// <summary>A host's container runtime, made by hand: containers that take time to start, run, end by themselves or are killed. It outlives workers and guards.</summary>
internal sealed class RuntimeModel(World world, Host host)
{
    private readonly Dictionary<string, Container> byName = [];
    private int made;

    /// <summary>The most that a start takes, beside its usual moment.</summary>
    public double SlowStart { get; set; }

    /// <summary>Whether its interface hangs; what runs goes on.</summary>
    public bool Hangs { get; set; }

    /// <summary>Whether pulls and starts fail, half of them.</summary>
    public bool Fails { get; set; }

    public IEnumerable<Container> Running => byName.Values.Where(one => one.Phase == ContainerPhase.Running);

    public IEnumerable<Container> All => byName.Values;

    public Container? Find(string nameOrId) => byName.GetValueOrDefault(nameOrId) ?? byName.Values.FirstOrDefault(one => one.Id == nameOrId);

    public Container Create(string name, RunContainerInput input)
    {
        if (byName.TryGetValue(name, out var known)) return known;
        var plan = world.Workloads[input.Job];
        return byName[name] = new()
        {
            Id = $"{host.Machine.Name}-c{++made}",
            Name = name,
            Job = input.Job,
            Conversation = input.Conversation,
            Lease = input.Lease,
            Runs = plan.Runs,
            Code = plan.Code,
            IsProcess = plan.IsProcess,
            Phase = ContainerPhase.Created,
        };
    }

    /// <summary>Starts a container after the moment it takes, whoever still waits for it.</summary>
    public void Start(string id, Action<Container?> done)
    {
        var boot = host.Machine.BootId;
        var after = world.Chance.Span(0.005, SlowStart > 0 && world.Chance.Happens(0.6) ? SlowStart : 0.1);
        OnHost(after, () =>
        {
            if (boot != host.Machine.BootId) return;
            if (Find(id) is not { Removed: false, Phase: ContainerPhase.Created } container || (container.IsProcess && world.Mutant.GuardLooksAtTheStart && !IsPermitted(container)))
            {
                done(null);
                return;
            }

            container.Phase = ContainerPhase.Running;
            container.StartedAt = host.Machine.Wall;
            container.RanFrom = world.Now;
            world.Log(host.Machine.Name, $"container {container.Id} of {container.Job} {container.Lease} runs");
            world.Oracle.Started(host, container);
            OnHost(host.Machine.Real(container.Runs), () => End(container, container.Code, null, null));
            done(container);
        });
    }

    /// <summary>Asks the main process to end; it does so within the grace, or is killed after it.</summary>
    public void Stop(string id, TimeSpan grace, Action done)
    {
        if (Find(id) is not { Phase: ContainerPhase.Running } container)
        {
            if (Find(id) is { } there) Kill(there, "stop");
            done();
            return;
        }

        var gentle = world.Chance.Happens(0.8);
        OnHost(gentle ? world.Chance.Span(0.001, Math.Min(0.5, grace.TotalSeconds + 0.002)) : grace, () =>
        {
            if (gentle) End(container, 143, null, "stop");
            else End(container, 137, 9, "stop");
            done();
        });
    }

    /// <summary>Kills what runs; what was made and not started is removed, so that a start under way finds nothing.</summary>
    public void Kill(Container container, string by)
    {
        if (container is { Phase: ContainerPhase.Created, IsProcess: false } && world.Mutant.RemovesWhatIsUnstarted) Remove(container.Id);
        else End(container, 137, 9, by);
    }

    public void Remove(string nameOrId)
    {
        if (Find(nameOrId) is not { } container) return;
        if (container.Phase == ContainerPhase.Running) End(container, 137, 9, "removal");
        container.Removed = true;
        byName.Remove(container.Name);
    }

    /// <summary>All containers end with their host.</summary>
    public void Reboot()
    {
        foreach (var container in byName.Values.ToArray())
        {
            container.Waiters.Clear();
            if (container.Phase == ContainerPhase.Running) End(container, 255, null, "reboot");
        }
    }

    /// <summary>Plain processes die with the guard, and so do those it was asked to start.</summary>
    public void GuardDies()
    {
        foreach (var process in byName.Values.Where(one => one.IsProcess).ToArray())
        {
            if (process.Phase == ContainerPhase.Created) process.Removed = true;
            else if (process.Phase == ContainerPhase.Running)
            {
                process.Lost = true;
                End(process, 137, 9, "the guard's death");
            }
        }
    }

    public ContainerState? Inspect(string name) => Find(name) is { } container && !(container.IsProcess && container.Phase == ContainerPhase.Created) ? new(container.Id, container.Name, container.Phase, 7, new Dictionary<string, string>(), container.Exit) : null;

    /// <summary>The guard starts plain processes itself, and looks at the permission just before.</summary>
    private bool IsPermitted(Container process) =>
        host.Disk.Attempts.Values.FirstOrDefault(attempt => attempt.Intent.ContainerName == process.Name)?.Permission is { } permission
        && permission.BootId == host.Machine.BootId && permission.EndsAt > host.Machine.Boot;

    private void End(Container container, int code, int? signal, string? by)
    {
        if (container.Phase != ContainerPhase.Running) return;
        container.Phase = ContainerPhase.Exited;
        container.KilledBy = by;
        container.Exit = new(code, signal, false, container.StartedAt, host.Machine.Wall);
        world.Log(host.Machine.Name, $"container {container.Id} of {container.Job} {container.Lease} ends with {code}{(by is null ? "" : $" by {by}")}");
        world.Oracle.Ended(host, container);
        foreach (var waiter in container.Waiters.ToArray()) waiter();
        container.Waiters.Clear();
    }

    /// <summary>After a time in which the host runs: a frozen one does nothing.</summary>
    private void OnHost(TimeSpan real, Action action) => world.Time.At(world.Now + real, () =>
    {
        if (host.Machine.IsFrozen) world.Time.At(host.Machine.FrozenUntil + world.Chance.Span(0, 0.3), action);
        else action();
    });
}
