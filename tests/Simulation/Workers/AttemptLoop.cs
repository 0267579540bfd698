using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;

namespace Dispatch.Simulation.Workers;

/// <summary>One attempt under its keeper: inputs one after the other into the production code's decisions, and their actions done by hand.</summary>
internal sealed class AttemptLoop
{
    private readonly WorkerProcess worker;
    private readonly Queue<(AttemptInput Input, Action<HeardState>? Heard)> inbox = [];
    private readonly DiskAttempt disk;
    private TimeSpan tickAt = TimeSpan.MaxValue;
    private bool running;
    private bool unguarded;
    private bool notesKept = true;
    private ActivityToken token;

    public AttemptLoop(WorkerProcess worker, DiskAttempt disk, AttemptState state)
    {
        this.worker = worker;
        this.disk = disk;
        token = disk.Token;
        State = state;
        Post(new AttemptInput.Tick());
    }

    public AttemptState State { get; private set; }

    public LeaseId Lease => State.Facts.Lease;

    private World World => worker.World;

    private Host Host => worker.Host;

    private string Name => disk.Intent.ContainerName;

    public void Post(AttemptInput input) => Tell(input, null);

    public void Tell(AttemptInput input, Action<HeardState>? heard)
    {
        inbox.Enqueue((input, heard));
        if (running) return;
        running = true;
        worker.After(TimeSpan.Zero, Live);
    }

    public void TakeToken(ActivityToken taken)
    {
        token = taken;
        if (!Host.Disk.Refuses) disk.Token = taken;
        Post(new AttemptInput.TokenTaken());
    }

    private void Live()
    {
        running = false;
        while (inbox.TryDequeue(out var told))
        {
            var (input, heard) = told;
            if (State.Phase == AttemptPhase.Done)
            {
                heard?.Invoke(new(State, notesKept));
                continue;
            }

            var before = State;
            var now = worker.Machine.Boot;
            var step = AttemptLife.Next(State, World.Mutant.ToAttempt(input, now), now);
            State = World.Mutant.State(step.State);
            if (State.Phase != before.Phase || State.Ending != before.Ending) World.Log(worker.Name, $"{Lease}: {before.Phase} → {State.Phase}{(State.Ending is { } ending ? $" ({ending})" : "")} on {World.Short(input)}");
            foreach (var action in step.Actions)
            {
                if (World.Mutant.Does(action, input, step.State)) Do(action, step.State);
                else if (action is AttemptAction.Remove) Post(new AttemptInput.Removed(Gone: true));
            }

            if (State.Ending == EndCause.TimedOut && before.Ending is null) World.Oracle.TimedOut(Host, Host.Runtime.Find(State.ContainerId!)!);
            heard?.Invoke(new(State, notesKept));
            if (AttemptSchedule.IsNews(before, State, now)) worker.Changed(this);
            if (worker.Host.Disk.SlowSeconds > 0 && step.Actions.Any(action => action is AttemptAction.Save { Durable: true }))
            {
                // The keeper's own writes hold it up.
                running = true;
                worker.After(World.Chance.Span(0, Host.Disk.SlowSeconds), Live);
                return;
            }
        }

        Wake();
    }

    private void Wake()
    {
        if (AttemptSchedule.NextAt(State) is not { } next || State.Phase == AttemptPhase.Done) return;
        var now = worker.Machine.Boot;
        var at = next > now ? next : now + TimeSpan.FromMilliseconds(1);
        if (at >= tickAt && tickAt > now) return;
        tickAt = at;
        worker.After(at - now + TimeSpan.FromTicks(1), () =>
        {
            if (tickAt == at)
            {
                tickAt = TimeSpan.MaxValue;
                Post(new AttemptInput.Tick());
            }
        });
    }

    /// <summary>Something of the runtime's: nothing where it hangs, until it is given up.</summary>
    private void AtRuntime(TimeSpan limit, AttemptInput onLate, Action action, double most = 0.05)
    {
        if (Host.Runtime.Hangs && disk.Intent.Runtime == "docker") worker.After(limit, () => Post(onLate));
        else worker.After(World.Chance.Span(0.001, most), action);
    }

    private void Do(AttemptAction action, AttemptState state)
    {
        var runtime = Host.Runtime;
        var limit = AttemptHands.RuntimeLimit;
        var phase = state.Phase;
        AttemptInput Failed(ErrorCode code, bool gone = false) => new AttemptInput.RuntimeFailed(phase, code, "the runtime failed", gone);
        switch (action)
        {
            case AttemptAction.WritePermission permission:
                if (!Host.Disk.Refuses) disk.Permission = new(permission.EndsAt, worker.Machine.BootId, state.ContainerId ?? Name, state.ProcessId is not null);
                if (unguarded == Host.Disk.Refuses) break;
                unguarded = Host.Disk.Refuses;
                Post(new AttemptInput.PermissionKept(!unguarded));
                break;
            case AttemptAction.Save when Host.Disk.Refuses:
                notesKept = false;
                break;
            case AttemptAction.Save save:
                notesKept = true;
                disk.Notes = AttemptNotes.Of(state);
                if (save.Durable) disk.DurableNotes = disk.Notes;
                break;
            case AttemptAction.Pull when Fails():
                worker.After(World.Chance.Span(0.01, 2), () => Post(Failed(ErrorCode.PullFailed)));
                break;
            case AttemptAction.Pull:
                worker.After(World.Chance.Span(0.01, World.Chance.Happens(0.1) ? 8 : 0.3), () => Post(new AttemptInput.Pulled("sha256:0")));
                break;
            case AttemptAction.Create:
                AtRuntime(limit, Failed(ErrorCode.RuntimeUnavailable), () => Post(new AttemptInput.Created(runtime.Create(Name, disk.Intent.Input).Id)));
                break;
            case AttemptAction.AskGuard:
                worker.AskGuard(() => Post(new AttemptInput.GuardAnswered(Answers: true)));
                break;
            case AttemptAction.Start when Fails():
                worker.After(World.Chance.Span(0.01, 0.5), () => Post(Failed(ErrorCode.StartFailed)));
                break;
            case AttemptAction.Start start:
                Start(start, state.ContainerId!, Failed);
                break;
            case AttemptAction.Look:
                AtRuntime(limit, Failed(ErrorCode.RuntimeUnavailable), () => Post(new AttemptInput.Found(runtime.Inspect(Name))), state.Inherited ? World.Profile.LooksMost : 0.05);
                break;
            case AttemptAction.Attach:
                AtRuntime(limit, Failed(ErrorCode.RuntimeUnavailable), () =>
                {
                    if (runtime.Find(state.ContainerId!) is { Lost: false } there) PostStarted(there);
                    else Post(Failed(ErrorCode.WorkerLost, gone: true));
                });
                break;
            case AttemptAction.Wait:
                Wait(state.ContainerId!, Failed);
                break;
            case AttemptAction.Stop stop:
                AtRuntime(limit + stop.Grace, new AttemptInput.Halted(Kill: false, Done: false), () =>
                    runtime.Stop(state.ContainerId ?? Name, stop.Grace, () => worker.After(TimeSpan.Zero, () => Post(new AttemptInput.Halted(Kill: false, Done: true)))));
                break;
            case AttemptAction.Kill:
                AtRuntime(limit, new AttemptInput.Halted(Kill: true, Done: false), () =>
                {
                    if (runtime.Find(state.ContainerId ?? Name) is { } there) runtime.Kill(there, $"worker, {state.Ending}");
                    Post(new AttemptInput.Halted(Kill: true, Done: true));
                });
                break;
            case AttemptAction.Collect:
                worker.After(World.Chance.Span(0.001, 0.05), () => Post(new AttemptInput.Collected(State.ContainerId, Log: null)));
                break;
            case AttemptAction.StoreReport store:
                worker.After(World.Chance.Span(0.001, 0.02 + Host.Disk.SlowSeconds), () =>
                {
                    if (!Host.Disk.Refuses) disk.Report = store.Report;
                    Post(new AttemptInput.ReportStored(Stored: !Host.Disk.Refuses));
                });
                break;
            case AttemptAction.SendReport send:
                worker.Reporter.Report(token, send.Report, answer => Post(new AttemptInput.ReportAnswered(answer)));
                break;
            case AttemptAction.Heartbeat:
                var sentAt = worker.Machine.Boot;
                worker.Reporter.Heartbeat(token, state.Facts.Times.HeartbeatCall, answer => Post(new AttemptInput.HeartbeatAnswered(sentAt, answer)));
                break;
            case AttemptAction.Remove:
                AtRuntime(limit, new AttemptInput.Removed(Gone: false), () =>
                {
                    runtime.Remove(state.ContainerId ?? Name);
                    disk.Permission = null;
                    Post(new AttemptInput.Removed(Gone: true));
                });
                break;
            case AttemptAction.Return give:
                worker.Desk.Return(Lease, give.Report, came => Post(new AttemptInput.Returned(came)));
                break;
            case AttemptAction.Forget:
                Host.Disk.Attempts.Remove(Lease.Value);
                break;
            case AttemptAction.CancelPreparation:
                break;
            default:
                throw new InvalidOperationException($"Nobody does {action}.");
        }
    }

    private void Start(AttemptAction.Start start, string id, Func<ErrorCode, bool, AttemptInput> failed)
    {
        worker.After(World.Chance.Span(0, 0.002), () =>
        {
            if (worker.Machine.Boot >= start.PermissionEnds || (unguarded && World.Mutant.GuardIsTold))
            {
                Post(failed(ErrorCode.WorkerLost, false));
                return;
            }

            var life = worker.Life;
            var answered = false;
            worker.After(AttemptHands.StartLimit, () =>
            {
                if (!answered) Post(failed(ErrorCode.RuntimeUnavailable, false));
            });
            Host.Runtime.Start(id, started => Alive(life, () =>
            {
                answered = true;
                if (started is null) Post(failed(ErrorCode.WorkerLost, true));
                else PostStarted(started);
            }));
        });
    }

    private bool Fails() => Host.Runtime.Fails && World.Chance.Happens(0.5);

    private void Alive(int life, Action action)
    {
        if (life == worker.Life) worker.After(TimeSpan.Zero, action);
    }

    private void PostStarted(Container started)
    {
        var ago = worker.Machine.Wall - started.StartedAt;
        Post(new AttemptInput.Started(started.StartedAt, worker.Machine.Boot - (ago > TimeSpan.Zero ? ago : TimeSpan.Zero), 7));
    }

    private void Wait(string id, Func<ErrorCode, bool, AttemptInput> failed)
    {
        if (Host.Runtime.Find(id) is not { Lost: false } container)
        {
            Post(failed(ErrorCode.WorkerLost, true));
            return;
        }

        var life = worker.Life;
        if (container.Exit is { } exit) worker.After(World.Chance.Span(0.001, 0.02), () => Post(new AttemptInput.Ended(exit)));
        else container.Waiters.Add(() => Alive(life, () => Post(container.Lost ? failed(ErrorCode.WorkerLost, true) : new AttemptInput.Ended(container.Exit!))));
    }
}
