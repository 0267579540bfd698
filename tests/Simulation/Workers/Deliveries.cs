using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Workers;

/// <summary>What a worker takes from Temporal: deliveries, each confirmed and written down before it is kept, and controls.</summary>
internal sealed class Deliveries(WorkerProcess worker)
{
    private readonly Dictionary<LeaseId, List<Action>> claimed = [];
    private readonly HashSet<LeaseId> taking = [];
    private readonly List<(LeaseId Lease, AttemptInput Control)> early = [];

    /// <summary>What is being confirmed and not kept yet.</summary>
    public IEnumerable<LeaseId> BeingTaken => taking;

    private string Queue => WorkerQueue.Of(worker.Id, worker.Desk.Incarnation);

    private World World => worker.World;

    public void Forget()
    {
        claimed.Clear();
        taking.Clear();
        early.Clear();
    }

    /// <summary>Asks Temporal for a task of this incarnation's queue; an answer that is lost leaves the task taken.</summary>
    public void Poll()
    {
        if (!worker.Up || worker.Desk.Incarnation == 0 || worker.IsSuperseded) return;
        worker.TemporalLink.Ask(
            worker,
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

    public bool Polls(string queue) => worker.Up && worker.Desk.Incarnation > 0 && queue == Queue;

    private void Take(Temporal.Activity activity)
    {
        switch (activity.Input)
        {
            case StopInput stop:
                Control(stop.Lease, new AttemptInput.StopAsked(stop.Now, EndCause.Stopped));
                worker.TemporalLink.Tell(() => true, () => World.Temporal.ControlDone(activity));
                break;
            case ExtendInput extend:
                Extend(activity, extend.Lease, new(TimeSpan.FromSeconds(extend.RunSeconds)));
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
        if (worker.Kept.TryGetValue(lease.Value, out var attempt)) attempt.Post(control);
        else early.Add((lease, control));
    }

    private void Extend(Temporal.Activity activity, LeaseId lease, AttemptInput.Extended extended)
    {
        void Answer(ContainerFailure? refusal) => worker.TemporalLink.Tell(() => true, () => World.Temporal.ControlDone(activity, refusal?.Code));
        if (worker.Kept.TryGetValue(lease.Value, out var attempt)) attempt.Tell(extended, heard => Answer(World.Mutant.AnswersWhatIsHeard ? DeliveryRules.OfExtension(heard) : null));
        else
        {
            early.Add((lease, extended));
            Answer(null);
        }
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

    /// <summary>Keeps others from taking a lease while it is being returned.</summary>
    public bool TryClaim(LeaseId lease) => claimed.TryAdd(lease, []);

    public void Unclaim(LeaseId lease)
    {
        if (!claimed.Remove(lease, out var waiting)) return;
        foreach (var next in waiting) next();
    }

    private void Deliver(Temporal.Activity activity, RunContainerInput input)
    {
        World.Log(worker.Name, $"takes delivery {input.Delivery} of {input.Lease} ({activity.Token})");
        var token = Reporter.TokenOf(activity, input.Delivery);
        void Refuse(ContainerFailure failure)
        {
            taking.Remove(input.Lease);
            Unclaim(input.Lease);
            // The SDK's own answer, told once.
            worker.TemporalLink.Tell(() => true, () => World.Temporal.Report(activity.Token, new RunEnd.Failed(failure)));
        }

        void Return(ContainerFailure failure)
        {
            taking.Remove(input.Lease);
            worker.Desk.Return(input.Lease, new() { Failure = failure }, _ => Refuse(failure));
        }

        if (worker.Kept.TryGetValue(input.Lease.Value, out var known))
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

            worker.Desk.Confirm(input.Lease, (answer, sentAt) =>
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

        taking.Add(input.Lease);
        worker.Desk.Confirm(input.Lease, (answer, confirmedAt) =>
        {
            var refusal = answer is null
                ? DeliveryRules.NothingStarted(ErrorCode.RegistryUnavailable, ErrorPhase.Send, "no answer")
                : DeliveryRules.OfNew(input.Lease, answer);
            if (refusal is not null) Refuse(refusal);
            else worker.After(World.Chance.Span(0.0005, 0.01 + worker.Host.Disk.SlowSeconds), () =>
            {
                if (worker.Host.Disk.Refuses) Return(DeliveryRules.NothingStarted(ErrorCode.RuntimeUnavailable, ErrorPhase.Create, "the disk is full"));
                else Begin(input, token, answer!.SpecJson!, activity.Heartbeat, confirmedAt);
            });
        });
    }

    private void Begin(RunContainerInput input, ActivityToken token, string specJson, TimeSpan? heartbeat, TimeSpan confirmedAt)
    {
        var spec = World.SpecOf(specJson);
        var (intent, state) = DeliveryRules.Begin(input, token, specJson, spec, spec.Image is null ? "process" : "docker", WitnessTimes.Of(worker.Profile, heartbeat), worker.Host.Identity, confirmedAt, worker.Machine.Boot);
        var disk = worker.Host.Disk.Attempts[input.Lease.Value] = new() { Intent = intent, Token = token };
        var attempt = worker.Kept[input.Lease.Value] = new(worker, disk, state);
        taking.Remove(input.Lease);
        foreach (var (_, control) in early.Where(one => one.Lease == input.Lease)) attempt.Post(control);
        foreach (var control in DeliveryRules.Controls(input)) attempt.Post(control);
        if (worker.Membership.IsDraining) attempt.Post(new AttemptInput.StopAsked(Now: false, EndCause.Drained));
        Unclaim(input.Lease);
    }
}
