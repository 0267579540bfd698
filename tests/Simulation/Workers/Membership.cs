using Dispatch.Contracts;
using Dispatch.Contracts.Workers;
using Dispatch.Workers;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Registry;

namespace Dispatch.Simulation.Workers;

/// <summary>A worker's standing with the registry: it registers, renews, takes the verdicts, and returns what it does not know.</summary>
internal sealed class Membership(WorkerProcess worker)
{
    private TimeSpan renewedLast;
    private int drains;

    public TimeProfile Profile { get; private set; } = TimeProfile.Normal;

    /// <summary>Whether a newer incarnation has taken the worker's place.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>Whether it takes no new work: superseded, or as an operator wants.</summary>
    public bool IsDraining { get; private set; }

    public void Forget() => (IsSuperseded, IsDraining) = (false, false);

    /// <summary>A finer state has changed: the next renewal is brought forward.</summary>
    public void Hasten()
    {
        if (worker.Machine.Boot - renewedLast > RenewalLoop.LeastPause) Renew(again: false);
    }

    public void Register(string start, TimeSpan pause)
    {
        var sentAt = worker.Machine.Boot;
        var registration = new WorkerRegistration
        {
            Worker = worker.Id,
            LastIncarnation = worker.Host.Disk.Incarnation,
            StartId = start,
            Host = worker.Host.Identity,
            Version = "1",
            Capacity = new() { Slots = worker.Host.Slots, Cpu = 64, MemoryBytes = 64L << 30 },
            Runtimes = ["docker", "process"],
            Has = worker.Statements(),
        };
        worker.RegistryLink.Ask(
            worker,
            () => worker.World.Registry.Up,
            () => worker.World.Oracle.Watch(registration, () => worker.World.Registry.Now(registry => registry.RegisterAsync(registration, default))),
            (came, answer) =>
            {
                if (!came)
                {
                    worker.After(pause, () => Register(start, Pauses.After(pause)));
                    return;
                }

                worker.World.Log(worker.Name, $"is registered as {answer!.Incarnation}: {string.Join(' ', answer.Leases.Select(verdict => $"{verdict.Lease} {verdict.Standing}"))}");
                if (!worker.Host.Disk.Refuses) worker.Host.Disk.Incarnation = answer.Incarnation;
                worker.Desk.Incarnation = answer.Incarnation;
                worker.Desk.Limit = answer.Profile.Lease / 4;
                Profile = answer.Profile;
                Take(answer.Leases, sentAt);
                Renew(again: true);
                worker.Every(TimeSpan.FromSeconds(1), worker.Deliveries.Poll);
                worker.Deliveries.Poll();
            },
            TimeSpan.FromSeconds(5));
    }

    public void Renew(bool again)
    {
        renewedLast = worker.Machine.Boot;
        worker.Desk.Renew(worker.Statements, IsDraining ? WorkerState.Draining : WorkerState.Ready, (answer, sentAt) =>
        {
            if (answer is { Accepted: true })
            {
                Take(answer.Leases, sentAt);
                Want(answer.Wanted);
                foreach (var lease in DeliveryRules.Unknown(answer, lease => worker.Kept.ContainsKey(lease.Value)))
                {
                    if (!worker.Deliveries.TryClaim(lease)) continue;
                    worker.World.Log(worker.Name, $"returns {lease}, which it does not know");
                    worker.Desk.Return(lease, null, _ => worker.Deliveries.Unclaim(lease));
                }
            }
            else if (answer is { RegisterAgain: false } && !IsSuperseded)
            {
                worker.World.Log(worker.Name, "is superseded and drains");
                IsSuperseded = true;
                Want(WorkerState.Draining);
                worker.After(0.1, () => worker.EndIfEmpty());
            }

            if (again) worker.After(Profile.RenewEvery, () => Renew(again: true));
        });
    }

    /// <summary>What runs is stopped once the limit has passed, and goes on elsewhere; a drain that is taken back before stops nothing.</summary>
    private void Want(WorkerState? wanted)
    {
        if (wanted == WorkerState.Draining && !IsDraining)
        {
            IsDraining = true;
            var mine = ++drains;
            worker.After(worker.World.DrainLimit, () =>
            {
                if (IsDraining && mine == drains) Drain();
            });
        }
        else if (wanted == WorkerState.Ready)
        {
            IsDraining = IsSuperseded;
        }
    }

    private void Drain()
    {
        foreach (var attempt in worker.Kept.Values.ToArray()) attempt.Post(new AttemptInput.StopAsked(Now: false, EndCause.Drained));
    }

    private void Take(IReadOnlyList<LeaseVerdict> verdicts, TimeSpan sentAt)
    {
        foreach (var verdict in verdicts) worker.Kept.GetValueOrDefault(verdict.Lease.Value)?.Post(new AttemptInput.LeaseAnswered(sentAt, verdict.Standing));
    }
}
