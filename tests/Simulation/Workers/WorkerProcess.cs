using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Simulation.Time;
using Dispatch.Workers;
using Dispatch.Workers.Keeper;

namespace Dispatch.Simulation.Workers;

/// <summary>A worker: takes up what it had, registers, renews, polls, keeps its attempts. Its decisions are the production code's.</summary>
internal sealed class WorkerProcess : Process
{
    private HashSet<string> suspects = [];
    private int starts;

    public WorkerProcess(World world, WorkerId id, Host host)
        : base(world, host.Machine.Name, host.Machine)
    {
        Id = id;
        Host = host;
        RegistryLink = new(world, $"{Name}~registry");
        TemporalLink = new(world, $"{Name}~temporal");
        Desk = new(this, RegistryLink);
        Reporter = new(this, TemporalLink);
        Membership = new(this);
        Deliveries = new(this);
    }

    public WorkerId Id { get; }

    public Host Host { get; }

    public Link RegistryLink { get; }

    public Link TemporalLink { get; }

    public RegistryDesk Desk { get; }

    public Reporter Reporter { get; }

    public Membership Membership { get; }

    public Deliveries Deliveries { get; }

    public SortedDictionary<string, AttemptLoop> Kept { get; } = new(StringComparer.Ordinal);

    public TimeProfile Profile => Membership.Profile;

    public bool IsSuperseded => Membership.IsSuperseded;

    /// <summary>Whether it has ended because another process with its id took its place: nobody starts it again.</summary>
    public bool IsRetired { get; private set; }

    public override void Start()
    {
        if (Up) return;
        IsRetired = false;
        if (!Host.Guard.Up) Host.UnwatchedAt = World.Now;
        base.Start();
        Kept.Clear();
        Deliveries.Forget();
        Desk.Forget();
        Membership.Forget();
        AskGuard(() =>
        {
            if (World.Mutant.RegistersFirst) TakeUp();
            else After(World.Chance.Span(0, World.Profile.LooksMost), TakeUp);
        });
        Every(TimeSpan.FromSeconds(1), () => AskGuard(() => { }));
        After(5, Sweep);
    }

    /// <summary>Has the guard answer; starts it where it does not.</summary>
    public void AskGuard(Action answers) => After(World.Chance.Span(0.001, Host.Guard.Up ? 0.01 : 0.4), () =>
    {
        Host.Guard.Start();
        answers();
    });

    public void Changed(AttemptLoop attempt)
    {
        if (attempt.State.Phase == AttemptPhase.Done) Kept.Remove(attempt.Lease.Value);
        if (!EndIfEmpty()) Membership.Hasten();
    }

    /// <summary>A superseded worker ends with its last attempt; where none other has its id, whoever looks after it starts it again.</summary>
    public bool EndIfEmpty()
    {
        if (!IsSuperseded || Kept.Count > 0) return false;
        Crash();
        IsRetired = World.WorkerHosts.Any(host => host.Worker != this && host.Worker.Id == Id && host.Worker.Up);
        if (!IsRetired) World.Time.At(World.Now + TimeSpan.FromSeconds(2), Start);
        return true;
    }

    /// <summary>What the worker has, to be said to the registry.</summary>
    public IReadOnlyList<LeaseStatement> Statements() =>
        [.. Kept.Values.Select(attempt => attempt.State.Statement(Machine.Boot)).OfType<LeaseStatement>().Where(named => named.Activity != LeaseActivity.InDoubt || World.Mutant.NamesWhatIsInDoubt), .. Deliveries.BeingTaken.Where(_ => World.Mutant.NamesWhatIsTaken).Select(DeliveryRules.BeingTaken)];

    private void TakeUp()
    {
        foreach (var attempt in Host.Disk.Attempts.Values.ToArray())
        {
            var intent = attempt.Intent;
            var sameBoot = intent.MachineId == Machine.Name && intent.BootId == Machine.BootId;
            var permission = attempt.Permission is { } written && written.BootId == Machine.BootId ? written.EndsAt : (TimeSpan?)null;
            var state = Adoption.Resume(intent, DeliveryRules.Facts(intent, World.SpecOf(intent.SpecJson)), attempt.Notes, attempt.Report, permission, sameBoot, Machine.Boot);
            Kept[attempt.Lease.Value] = new(this, attempt, state);
            if (state.StartedAt is null) World.Oracle.InDoubt(intent.Input.Conversation);
        }

        Membership.Register($"{Name}-s{++starts}", Pauses.First);
    }

    /// <summary>Removes what two sweeps in a row have found without a lease.</summary>
    private void Sweep()
    {
        var found = new HashSet<string>();
        if (!Host.Runtime.Hangs)
        {
            foreach (var container in Host.Runtime.All.Where(one => !Kept.ContainsKey(one.Lease.Value)).ToArray())
            {
                found.Add(container.Id);
                if (suspects.Contains(container.Id)) Host.Runtime.Remove(container.Name);
            }
        }

        suspects = found;
        After(5, Sweep);
    }
}
