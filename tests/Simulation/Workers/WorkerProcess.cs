using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Simulation.Time;
using Dispatch.Workers;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Workers;

/// <summary>A worker: takes up what it had, registers, renews, polls, keeps its attempts. Its decisions are the production code's.</summary>
internal sealed class WorkerProcess : Process
{
    private readonly SortedDictionary<string, AttemptLoop> kept = new(StringComparer.Ordinal);
    private readonly Dictionary<LeaseId, List<Action>> claimed = [];
    private readonly List<(LeaseId Lease, AttemptInput Control)> early = [];
    private TimeSpan renewedLast;
    private TimeProfile profile = TimeProfile.Normal;
    private bool superseded;
    private int starts;

    public WorkerProcess(World world, WorkerId id, Host host)
        : base(world, id.Value, host.Machine)
    {
        Id = id;
        Host = host;
        RegistryLink = new(world, $"{id}~registry");
        TemporalLink = new(world, $"{id}~temporal");
        Desk = new(this, RegistryLink);
        Reporter = new(this, TemporalLink);
    }

    public WorkerId Id { get; }

    public Host Host { get; }

    public Link RegistryLink { get; }

    public Link TemporalLink { get; }

    public RegistryDesk Desk { get; }

    public Reporter Reporter { get; }

    private string Queue => WorkerQueue.Of(Id, Desk.Incarnation);

    public override void Start()
    {
        if (Up) return;
        if (!Host.Guard.Up) Host.UnwatchedAt = World.Now;
        base.Start();
        kept.Clear();
        claimed.Clear();
        early.Clear();
        Desk.Forget();
        superseded = false;
        AskGuard(TakeUp);
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
        if (attempt.State.Phase == AttemptPhase.Done) kept.Remove(attempt.Lease.Value);
        if (superseded && kept.Count == 0)
        {
            Crash();
            World.Time.At(World.Now + TimeSpan.FromSeconds(2), Start);
        }
        else if (Machine.Boot - renewedLast > TimeSpan.FromMilliseconds(500)) Renew(again: false);
    }

    private IReadOnlyList<LeaseStatement> Statements() => [.. kept.Values.Select(attempt => attempt.State.Statement(Machine.Boot)).OfType<LeaseStatement>()];

    private void TakeUp()
    {
        foreach (var attempt in Host.Disk.Attempts.Values.ToArray())
        {
            var intent = attempt.Intent;
            var sameBoot = intent.MachineId == Machine.Name && intent.BootId == Machine.BootId;
            var permission = attempt.Permission is { } written && written.BootId == Machine.BootId ? written.EndsAt : (TimeSpan?)null;
            var state = Adoption.Resume(intent, DeliveryRules.Facts(intent, World.SpecOf(intent.SpecJson)), attempt.Notes, attempt.Report, permission, sameBoot, Machine.Boot);
            kept[attempt.Lease.Value] = new(this, attempt, state);
        }

        var since = Machine.Boot;
        WhenSettled(since, () => Register($"{Id}-s{++starts}", Pauses.First));
    }

    private void WhenSettled(TimeSpan since, Action then)
    {
        if (kept.Values.All(attempt => attempt.IsSettled) || Machine.Boot - since > WorkerService.SettleLimit) then();
        else After(0.05, () => WhenSettled(since, then));
    }

    private void Register(string start, TimeSpan pause)
    {
        var sentAt = Machine.Boot;
        var registration = new WorkerRegistration
        {
            Worker = Id,
            LastIncarnation = Host.Disk.Incarnation,
            StartId = start,
            Host = Host.Identity,
            Version = "1",
            Capacity = new() { Slots = Host.Slots, Cpu = 64, MemoryBytes = 64L << 30 },
            Runtimes = ["docker", "process"],
            Has = Statements(),
        };
        RegistryLink.Ask(
            this,
            () => World.Registry.Up,
            () => World.Oracle.Watch(registration, () => World.Registry.Now(registry => registry.RegisterAsync(registration, default))),
            (came, answer) =>
            {
                if (!came)
                {
                    After(pause, () => Register(start, Pauses.After(pause)));
                    return;
                }

                World.Log(Name, $"is registered as {answer!.Incarnation}: {string.Join(' ', answer.Leases.Select(verdict => $"{verdict.Lease} {verdict.Standing}"))}");
                Host.Disk.Incarnation = answer.Incarnation;
                Desk.Incarnation = answer.Incarnation;
                Desk.Limit = answer.Profile.Lease / 4;
                profile = answer.Profile;
                Take(answer.Leases, sentAt);
                Renew(again: true);
                Every(TimeSpan.FromSeconds(1), Poll);
                Poll();
            },
            TimeSpan.FromSeconds(5));
    }

    private void Renew(bool again)
    {
        renewedLast = Machine.Boot;
        Desk.Renew(Statements, superseded ? WorkerState.Draining : WorkerState.Ready, (answer, sentAt) =>
        {
            if (answer is { Accepted: true })
            {
                Take(answer.Leases, sentAt);
                foreach (var lease in DeliveryRules.Unknown(answer, lease => kept.ContainsKey(lease.Value)))
                {
                    if (claimed.ContainsKey(lease)) continue;
                    claimed[lease] = [];
                    World.Log(Name, $"returns {lease}, which it does not know");
                    Desk.Return(lease, null, _ => Unclaim(lease));
                }
            }
            else if (answer is { RegisterAgain: false } && !superseded)
            {
                World.Log(Name, "is superseded and drains");
                superseded = true;
                foreach (var attempt in kept.Values.ToArray()) attempt.Post(new AttemptInput.StopAsked(Now: false, EndCause.Drained));
                After(0.1, () => Changed0());
            }

            if (again) After(profile.RenewEvery, () => Renew(again: true));
        });
    }

    private void Changed0()
    {
        if (kept.Count > 0) return;
        Crash();
        World.Time.At(World.Now + TimeSpan.FromSeconds(2), Start);
    }

    private void Take(IReadOnlyList<LeaseVerdict> verdicts, TimeSpan sentAt)
    {
        foreach (var verdict in verdicts) kept.GetValueOrDefault(verdict.Lease.Value)?.Post(new AttemptInput.LeaseAnswered(sentAt, verdict.Standing));
    }

    /// <summary>Asks Temporal for a task of this incarnation's queue; an answer that is lost leaves the task taken.</summary>
    public void Poll()
    {
        if (!Up || Desk.Incarnation == 0 || superseded) return;
        TemporalLink.Ask(
            this,
            () => true,
            () => World.Temporal.Poll(Queue),
            (came, activity) =>
            {
                if (!came || activity is null) return;
                Take(activity);
                Poll();
            },
            TimeSpan.FromSeconds(10));
    }

    public bool Polls(string queue) => Up && Desk.Incarnation > 0 && queue == Queue;

    private void Take(Temporal.Activity activity)
    {
        switch (activity.Input)
        {
            case StopInput stop:
                Control(stop.Lease, new AttemptInput.StopAsked(stop.Now, EndCause.Stopped));
                TemporalLink.Tell(() => true, () => World.Temporal.ControlDone(activity));
                break;
            case ExtendInput extend:
                Control(extend.Lease, new AttemptInput.Extended(TimeSpan.FromSeconds(extend.RunSeconds)));
                TemporalLink.Tell(() => true, () => World.Temporal.ControlDone(activity));
                break;
            case RunContainerInput input:
                Claim(input.Lease, () => Deliver(activity, input));
                break;
            default:
                throw new InvalidOperationException($"Nobody takes {activity.Name}.");
        }
    }

    private void Control(LeaseId lease, AttemptInput control)
    {
        if (kept.TryGetValue(lease.Value, out var attempt)) attempt.Post(control);
        else early.Add((lease, control));
    }

    private void Claim(LeaseId lease, Action then)
    {
        if (claimed.TryGetValue(lease, out var waiting)) waiting.Add(() => Claim(lease, then));
        else
        {
            claimed[lease] = [];
            then();
        }
    }

    private void Unclaim(LeaseId lease)
    {
        if (!claimed.Remove(lease, out var waiting)) return;
        foreach (var next in waiting) next();
    }

    private void Deliver(Temporal.Activity activity, RunContainerInput input)
    {
        World.Log(Name, $"takes delivery {input.Delivery} of {input.Lease} ({activity.Token})");
        var token = Reporter.TokenOf(activity, input.Delivery);
        void Refuse(ContainerFailure failure)
        {
            Unclaim(input.Lease);
            // The SDK's own answer, told once.
            TemporalLink.Tell(() => true, () => World.Temporal.Report(activity.Token, new RunEnd.Failed(failure)));
        }

        if (kept.TryGetValue(input.Lease.Value, out var known))
        {
            void GoOn()
            {
                known.TakeToken(token);
                foreach (var control in DeliveryRules.Controls(input)) known.Post(control);
                Unclaim(input.Lease);
            }

            if (!DeliveryRules.NeedsConfirm(known.State))
            {
                GoOn();
                return;
            }

            Desk.Confirm(input.Lease, (answer, sentAt) =>
            {
                if (DeliveryRules.OfKnown(input.Lease, answer) is not { } refusal)
                {
                    GoOn();
                    return;
                }

                known.Post(new AttemptInput.LeaseAnswered(sentAt, LeaseStanding.NotYours));
                Refuse(refusal);
            });
            return;
        }

        Desk.Confirm(input.Lease, (answer, confirmedAt) =>
        {
            var refusal = answer is null
                ? DeliveryRules.NothingStarted(ErrorCode.RegistryUnavailable, ErrorPhase.Send, "no answer")
                : DeliveryRules.OfNew(input.Lease, answer);
            if (refusal is not null) Refuse(refusal);
            else After(World.Chance.Span(0.0005, 0.01 + Host.Disk.SlowSeconds), () => Begin(input, token, answer!.SpecJson!, activity.Heartbeat, confirmedAt));
        });
    }

    private void Begin(RunContainerInput input, ActivityToken token, string specJson, TimeSpan? heartbeat, TimeSpan confirmedAt)
    {
        var spec = World.SpecOf(specJson);
        var (intent, state) = DeliveryRules.Begin(input, token, specJson, spec, spec.Image is null ? "process" : "docker", WitnessTimes.Of(profile, heartbeat), Host.Identity, confirmedAt, Machine.Boot);
        var disk = Host.Disk.Attempts[input.Lease.Value] = new() { Intent = intent, Token = token };
        var attempt = kept[input.Lease.Value] = new(this, disk, state);
        foreach (var (_, control) in early.Where(one => one.Lease == input.Lease)) attempt.Post(control);
        foreach (var control in DeliveryRules.Controls(input)) attempt.Post(control);
        if (superseded) attempt.Post(new AttemptInput.StopAsked(Now: false, EndCause.Drained));
        Unclaim(input.Lease);
    }

    private HashSet<string> suspects = [];

    /// <summary>Removes what two sweeps in a row have found without a lease.</summary>
    private void Sweep()
    {
        var found = new HashSet<string>();
        if (!Host.Runtime.Hangs)
        {
            foreach (var container in Host.Runtime.All.Where(one => !kept.ContainsKey(one.Lease.Value)).ToArray())
            {
                found.Add(container.Id);
                if (suspects.Contains(container.Id)) Host.Runtime.Remove(container.Name);
            }
        }

        suspects = found;
        After(5, Sweep);
    }
}
