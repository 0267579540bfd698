using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>
/// One attempt's whole surroundings in virtual time, from one seed: disk, runtime, guard, registry, Temporal and a workflow that moves on when it may.
/// The keeper is the real one; it may be killed at any step and comes back from what is on the disk.
/// </summary>
internal sealed partial class KeeperWorld(int seed, WorldPlan plan)
{
    private static readonly TimeSpan GuardTick = Seconds(0.25);
    private static readonly TimeSpan End = Seconds(600);

    private readonly Random random = new(seed);
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> agenda = new();
    private long order;
    private int process;
    private int steps;
    private AttemptState? state;

    // The worker's disk and the file that the guard reads.
    private AttemptNotes? notes;
    private AttemptReport? stored;
    private TimeSpan? permission;
    private bool forgotten;

    // The runtime.
    private ContainerPhase? container;
    private TimeSpan startedAt;
    private ContainerExit? exit;
    private bool workloadEnded;

    // The witnesses, as they see it.
    private TimeSpan registryHeard;
    private TimeSpan temporalHeard;
    private bool activityOpen = true;
    private bool superseded;

    internal TimeSpan Now { get; private set; }

    internal int Starts { get; private set; }

    internal int Steps => steps;

    internal AttemptReport? Delivered { get; private set; }

    internal AttemptReport? Returned { get; private set; }

    internal List<string> Violations { get; } = [];

    internal bool IsDone => forgotten;

    internal bool EndedByItself => workloadEnded;

    internal void Run()
    {
        At(TimeSpan.Zero, () => Begin(Fresh(TimeSpan.Zero) with { RunLimit = plan.RunLimit }));
        Every(GuardTick, Guard);
        Every(Seconds(4), Renew);
        Every(Seconds(0.1), WatchWitnesses);
        while (Now < End && !forgotten && Violations.Count == 0 && agenda.TryDequeue(out var next, out var when))
        {
            Now = when.At;
            next();
        }

        Check(forgotten, "the attempt did not end");
        Check(container is null || superseded, "a container is left");
        Check(Starts <= 1, $"started {Starts} times");
    }

    private void At(TimeSpan at, Action what) => agenda.Enqueue(what, (at, order++));

    private void After(double most, Action what) => At(Now + Seconds(random.NextDouble() * most), what);

    private void Every(TimeSpan period, Action what) => At(Now + period, () =>
    {
        what();
        Every(period, what);
    });

    private void Check(bool holds, string violation)
    {
        if (!holds)
        {
            Violations.Add($"{Now.TotalSeconds:0.00} s: {violation}");
        }
    }

    private bool RegistryReachable => !plan.RegistryAway.Any(Covers);

    private bool TemporalReachable => !plan.TemporalAway.Any(Covers);

    private bool Covers((double From, double To) outage) => Now >= Seconds(outage.From) && Now < Seconds(outage.To);

    private void Begin(AttemptState initial)
    {
        state = initial;
        permission = initial.PermissionEnds is { } ends && (permission is null || ends > permission) ? ends : permission;
        Feed(process, new AttemptInput.Tick());
    }

    /// <summary>One step of the keeper, if the process that asked for it still lives.</summary>
    private void Feed(int of, AttemptInput input)
    {
        if (of != process || state is null || forgotten)
        {
            return;
        }

        var step = AttemptLife.Next(state, input, Now);
        state = step.State;
        foreach (var action in step.Actions)
        {
            if (plan.CrashAtStep == steps++)
            {
                Crash();
                return;
            }

            Do(action);
            if (forgotten)
            {
                return;
            }
        }

        if (AttemptSchedule.NextAt(state) is { } next)
        {
            Check(next > Now, $"something was due at {next.TotalSeconds} s and not done in {state.Phase}");
            At(next > Now ? next : Now + Seconds(1), () => Feed(of, new AttemptInput.Tick()));
        }
    }

    private void Crash()
    {
        process++;
        state = null;
        At(Now + Seconds(plan.Downtime), () =>
        {
            var inherited = Attempts.Intent(Seconds(17));
            var resumed = Adoption.Resume(inherited, Facts, notes, stored, permission, sameBoot: true, Now);
            state = resumed with { RunLimit = notes is null ? plan.RunLimit : resumed.RunLimit };
            Feed(process, new AttemptInput.Tick());
            Renew();
        });
    }

    private void Renew()
    {
        if (state is null || forgotten)
        {
            return;
        }

        var (of, sentAt, named) = (process, Now, state.IsSpokenFor(Now));
        After(0.3, () =>
        {
            if (RegistryReachable && of == process && named)
            {
                registryHeard = superseded ? registryHeard : Now;
                After(0.3, () => Feed(of, new AttemptInput.LeaseAnswered(sentAt, superseded ? LeaseStanding.NotYours : LeaseStanding.Held)));
            }
        });
    }

    private void Guard()
    {
        if (container == ContainerPhase.Running && permission is { } ends && Now >= ends)
        {
            Kill(9);
        }
    }

    /// <summary>A start that the runtime carries out late is ended by the guard at its next tick.</summary>
    private bool RunsUnguarded => container == ContainerPhase.Running && Now > startedAt + GuardTick;

    /// <summary>The workflow begins another attempt as soon as both witnesses have ended: then nothing of this one may run.</summary>
    private void WatchWitnesses()
    {
        activityOpen &= Now < temporalHeard + Times.HeartbeatTimeout;
        if (!superseded && Delivered is null && Returned is null && !activityOpen && Now >= registryHeard + Times.Lease)
        {
            superseded = true;
            Check(!RunsUnguarded, "it runs while another attempt begins");
        }

        Check(!RunsUnguarded || !superseded, "it runs beside another attempt");
    }
}
