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
internal sealed class KeeperWorld(int seed, WorldPlan plan)
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

        if (AttemptDues.NextAt(state) is { } next)
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

    private void Do(AttemptAction action)
    {
        var of = process;
        void Answer(double most, Func<AttemptInput> input) => After(most, () => Feed(of, input()));

        switch (action)
        {
            case AttemptAction.WritePermission write:
                permission = write.EndsAt;
                break;
            case AttemptAction.Save:
                notes = AttemptNotes.Of(state!);
                break;
            case AttemptAction.Pull:
                Answer(plan.PullSeconds, () => new AttemptInput.Pulled("d"));
                break;
            case AttemptAction.Create:
                After(1, () =>
                {
                    container ??= ContainerPhase.Created;
                    Feed(of, new AttemptInput.Created("c1"));
                });
                break;
            case AttemptAction.AskGuard:
                Answer(0.2, () => new AttemptInput.GuardAnswered(random.Next(5) > 0));
                break;
            case AttemptAction.Start:
                Start(of);
                break;
            case AttemptAction.Look:
                Answer(0.5, () => new AttemptInput.Found(container is { } there ? Container(there) : null));
                break;
            case AttemptAction.Attach:
                Answer(0.5, () => new AttemptInput.Started(Epoch + startedAt, startedAt, 1));
                break;
            case AttemptAction.Wait:
                Wait(of);
                break;
            case AttemptAction.Stop or AttemptAction.Kill:
                After(1, () =>
                {
                    Kill(action is AttemptAction.Kill ? 9 : 15);
                    Feed(of, new AttemptInput.Halted(action is AttemptAction.Kill, Done: true));
                });
                break;
            case AttemptAction.Collect:
                Answer(0.5, () => new AttemptInput.Collected(null, null));
                break;
            case AttemptAction.StoreReport store:
                Store(of, store.Report);
                break;
            case AttemptAction.SendReport send:
                Send(of, send.Report);
                break;
            case AttemptAction.Remove:
                Remove(of);
                break;
            case AttemptAction.Return give:
                Return(of, give.Report);
                break;
            case AttemptAction.Heartbeat:
                Heartbeat(of);
                break;
            case AttemptAction.Forget:
                forgotten = true;
                break;
            default:
                break;
        }
    }

    /// <summary>The start lands in the runtime whether or not the process that asked for it lives to see it.</summary>
    private void Start(int of) => After(plan.StartSeconds, () =>
    {
        if (container != ContainerPhase.Created)
        {
            return;
        }

        Starts++;
        container = ContainerPhase.Running;
        startedAt = Now;
        At(Now + plan.Workload, () => EndWorkload());
        After(0.5, () => Feed(of, new AttemptInput.Started(Epoch + startedAt, startedAt, 1)));
    });

    private void EndWorkload()
    {
        if (container == ContainerPhase.Running)
        {
            workloadEnded = true;
            container = ContainerPhase.Exited;
            exit = new(7, null, false, Epoch + startedAt, Epoch + Now);
        }
    }

    private void Kill(int signal)
    {
        if (container == ContainerPhase.Running)
        {
            container = ContainerPhase.Exited;
            exit = new(128 + signal, signal, false, Epoch + startedAt, Epoch + Now);
        }
    }

    private void Wait(int of)
    {
        if (container == ContainerPhase.Exited)
        {
            After(0.3, () => Feed(of, new AttemptInput.Ended(exit!)));
        }
        else if (of == process)
        {
            At(Now + Seconds(0.2), () => Wait(of));
        }
    }

    private void Store(int of, AttemptReport report) => After(0.3, () =>
    {
        if (of == process)
        {
            Check(stored is null || stored == report, "another report was stored");
            stored = report;
            Feed(of, new AttemptInput.ReportStored(true));
        }
    });

    private void Send(int of, AttemptReport report)
    {
        Check(stored == report, "sent before it was stored");
        After(0.5, () =>
        {
            if (TemporalReachable && activityOpen && !superseded)
            {
                activityOpen = false;
                Delivered = report;
                Feed(of, new AttemptInput.ReportAnswered(random.Next(4) == 0 ? TemporalAnswer.NotAccepted : TemporalAnswer.Accepted));
            }
            else
            {
                Feed(of, new AttemptInput.ReportAnswered(TemporalReachable ? TemporalAnswer.RunOpen : TemporalAnswer.NotAccepted));
            }
        });
    }

    private void Remove(int of) => After(1, () =>
    {
        Kill(9);
        container = null;
        Feed(of, new AttemptInput.Removed(true));
    });

    private void Return(int of, AttemptReport report)
    {
        Check(container is null, "returned before the container was gone");
        Check(stored == report, "returned before the report was stored");
        After(0.5, () =>
        {
            if (RegistryReachable)
            {
                Returned = report;
            }

            Feed(of, new AttemptInput.Returned(RegistryReachable));
        });
    }

    private void Heartbeat(int of)
    {
        var sentAt = Now;
        After(0.3, () =>
        {
            var accepted = TemporalReachable && activityOpen;
            if (accepted)
            {
                temporalHeard = Now;
            }

            After(0.3, () => Feed(of, new AttemptInput.HeartbeatAnswered(
                sentAt, accepted ? TemporalAnswer.Accepted : TemporalReachable ? TemporalAnswer.RunOpen : TemporalAnswer.NotAccepted)));
        });
    }

    private void Renew()
    {
        if (state is null || forgotten)
        {
            return;
        }

        var (of, sentAt, named) = (process, Now, state.Statement(Now) is not null);
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

/// <summary>What happens in a world.</summary>
internal sealed record WorldPlan
{
    internal TimeSpan Workload { get; init; } = Seconds(12);

    internal TimeSpan RunLimit { get; init; } = Seconds(1800);

    internal double PullSeconds { get; init; } = 2;

    internal double StartSeconds { get; init; } = 1;

    internal int? CrashAtStep { get; init; }

    internal double Downtime { get; init; } = 3;

    internal IReadOnlyList<(double From, double To)> RegistryAway { get; init; } = [];

    internal IReadOnlyList<(double From, double To)> TemporalAway { get; init; } = [];
}
