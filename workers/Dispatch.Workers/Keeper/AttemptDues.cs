namespace Dispatch.Workers.Keeper;

/// <summary>What follows from an attempt's state once its time has come. Pure.</summary>
internal static class AttemptDues
{
    /// <summary>Tries of a removal before the lease is given back without it; the sweep goes on with it then.</summary>
    internal const int RemovalTriesMax = 5;

    /// <summary>Tries to write the report before it is delivered without: the container has ended, and a full disk must not keep its job and lease. It goes on being tried, as the removal may make room.</summary>
    internal const int StoreTriesMax = 3;

    /// <summary>How long an answer of the guard counts: a guard that answered while the container was made is not asked again before the start.</summary>
    internal static readonly TimeSpan GuardAnswerCounts = TimeSpan.FromMilliseconds(250);

    /// <summary>Does all that is due.</summary>
    internal static void Advance(AttemptStep step)
    {
        Begin(step);
        EndBeforeStart(step);
        AskGuardAndStart(step);
        WatchContainer(step);
        Halt(step);
        Look(step);
        Await(step);
        Clear(step);
        Report(step);
        Heartbeat(step);
        Finish(step);
    }

    /// <summary>Makes the container, and asks the guard meanwhile.</summary>
    internal static void Create(AttemptStep step)
    {
        step.State = step.State with { CreateAsked = true, Guarding = Chore.Anew(step.Now) };
        step.Enter(AttemptPhase.Creating);
        step.Do(new AttemptAction.Create());
    }

    /// <summary>The report is on disk, or the disk does not take it: deliver it, remove the container, return the lease.</summary>
    internal static void Close(AttemptStep step)
    {
        var state = step.State;
        var runClosed = state.Ending == EndCause.RunClosed;
        step.State = state with
        {
            Sending = runClosed ? Chore.Nothing : Chore.Anew(step.Now),
            Delivery = runClosed ? Delivery.Late : Delivery.Pending,
            Removing = state.CreateAsked || state.Inherited ? Chore.Anew(step.Now) : Chore.Nothing,
            Returning = Chore.Anew(step.Now),
        };
        step.Enter(AttemptPhase.Closing);
    }

    private static void Begin(AttemptStep step)
    {
        if (step.State.Phase != AttemptPhase.Received || step.State.Ending is not null)
        {
            return;
        }

        if (step.State.PermissionEnds is { } ends && ends > step.Now)
        {
            // One that has ended is not written: the guard would be at the kill of what is started a moment later.
            step.Do(new AttemptAction.WritePermission(ends));
        }

        if (step.State.Facts.HasImage)
        {
            step.Enter(AttemptPhase.Pulling);
            step.Do(new AttemptAction.Pull());
        }
        else
        {
            Create(step);
        }
    }

    private static void EndBeforeStart(AttemptStep step)
    {
        var state = step.State;
        if (state.Phase is not (AttemptPhase.Received or AttemptPhase.Pulling or AttemptPhase.Creating or AttemptPhase.Guarding))
        {
            return;
        }

        if (state.Ending is null && step.Now >= state.ReceivedAt + state.Facts.InitLimit)
        {
            step.State = state = state with { Ending = EndCause.InitTimedOut, Trouble = AttemptReports.InitTimedOut(state) };
        }

        if (state.Ending is not null)
        {
            step.Do(new AttemptAction.CancelPreparation());
            AttemptLife.Collect(step);
        }
    }

    private static void AskGuardAndStart(AttemptStep step)
    {
        var state = step.State;
        if (state.Phase is not (AttemptPhase.Creating or AttemptPhase.Guarding))
        {
            return;
        }

        if (state.Guarding.IsDue(step.Now))
        {
            step.State = state with { Guarding = state.Guarding.Begun() };
            step.Do(new AttemptAction.AskGuard());
        }
        else if (state is not { Phase: AttemptPhase.Guarding, Guarding.IsDone: true })
        {
            return;
        }
        else if (state.UnwrittenSince is not null)
        {
            step.State = state with { Trouble = AttemptReports.Unguarded() };
            AttemptLife.Collect(step);
        }
        else if (state.MayStart(step.Now))
        {
            step.State = state with { StartAsked = true };
            step.Enter(AttemptPhase.Starting);
            step.Do(new AttemptAction.WritePermission(state.PermissionEnds!.Value));
            step.Do(new AttemptAction.Start(state.PermissionEnds!.Value));
        }
    }

    private static void WatchContainer(AttemptStep step)
    {
        var state = step.State;
        if (state.Phase is not (AttemptPhase.Starting or AttemptPhase.Looking or AttemptPhase.Attaching or AttemptPhase.Running))
        {
            return;
        }

        if (!state.IsPermitted(step.Now) && state.Killing == Chore.Nothing)
        {
            AttemptLife.End(step, EndCause.PermissionEnded, kill: true);
        }

        if (step.State is { Phase: AttemptPhase.Running, Ending: null, StartedAtBoot: { } started } && step.Now >= started + step.State.RunLimit)
        {
            AttemptLife.End(step, EndCause.TimedOut, kill: false);
        }

        if (step.State is { Phase: AttemptPhase.Running, Adoptions: > 0, AdoptedAt: { } adopted } && step.Now >= adopted + AdoptionRules.CalmAfter)
        {
            step.State = step.State with { Adoptions = 0 };
            step.Do(new AttemptAction.Save(Durable: false));
        }
    }

    private static void Halt(AttemptStep step)
    {
        var state = step.State;
        if (!AttemptSchedule.CanHalt(state))
        {
            return;
        }

        if (state.Killing.IsDue(step.Now))
        {
            step.State = state = state with { Killing = state.Killing.Begun() };
            step.Do(new AttemptAction.Kill());
        }

        if (state.Stopping.IsDue(step.Now) && state.Killing == Chore.Nothing)
        {
            step.State = state with { Stopping = state.Stopping.Begun() };
            step.Do(new AttemptAction.Stop(state.Facts.StopGrace));
        }
    }

    private static void Look(AttemptStep step)
    {
        if (step.State.Phase == AttemptPhase.Looking && step.State.Looking.IsDue(step.Now))
        {
            step.State = step.State with { Looking = step.State.Looking.Begun() };
            step.Do(new AttemptAction.Look());
        }
    }

    private static void Await(AttemptStep step)
    {
        if (step.State.Phase == AttemptPhase.Awaiting && !step.State.IsPermitted(step.Now))
        {
            step.State = step.State with { Trouble = AttemptReports.StartLost(), Removing = Chore.Anew(step.Now) };
            step.Enter(AttemptPhase.Clearing);
        }
    }

    private static void Clear(AttemptStep step)
    {
        var state = step.State;
        if (state.Phase != AttemptPhase.Clearing)
        {
            return;
        }

        if (state.Removing.IsDone || (step.Now >= state.PhaseSince + AttemptState.ClearingLimit && !state.IsPermitted(step.Now)))
        {
            AttemptLife.Collect(step);
        }
        else if (state.Removing.IsDue(step.Now))
        {
            step.State = state with { Removing = state.Removing.Begun() };
            step.Do(new AttemptAction.Remove());
        }
    }

    private static void Report(AttemptStep step)
    {
        if (step.State.Phase is AttemptPhase.Storing or AttemptPhase.Closing && step.State.Storing.IsDue(step.Now))
        {
            step.State = step.State with { Storing = step.State.Storing.Begun() };
            step.Do(new AttemptAction.StoreReport(step.State.Report!));
        }

        if (step.State.Phase != AttemptPhase.Closing)
        {
            return;
        }

        if (step.State.Sending.IsDue(step.Now))
        {
            step.State = step.State with { Sending = step.State.Sending.Begun() };
            step.Do(new AttemptAction.SendReport(step.State.Report!));
        }

        if (step.State.Removing.IsDue(step.Now))
        {
            step.State = step.State with { Removing = step.State.Removing.Begun() };
            step.Do(new AttemptAction.Remove());
        }

        if (AttemptSchedule.MayReturn(step.State) && step.State.Returning.IsDue(step.Now))
        {
            step.State = step.State with { Returning = step.State.Returning.Begun() };
            step.Do(new AttemptAction.Return(step.State.Report!));
        }
    }

    private static void Heartbeat(AttemptStep step)
    {
        var state = step.State;
        if (AttemptSchedule.MayHeartbeat(state) && state.Heartbeating.IsDue(step.Now) && state.IsSpokenFor(step.Now) && state.Statement(step.Now) is { } statement)
        {
            step.State = state with { Heartbeating = state.Heartbeating.Begun() };
            step.Do(new AttemptAction.Heartbeat(statement));
        }
    }

    private static void Finish(AttemptStep step)
    {
        var state = step.State;
        if (state.Phase == AttemptPhase.Closing && state.Returning.IsDone && state.Delivery != Delivery.Pending && !state.Storing.InFlight
            && (state.Delivery != Delivery.Orphaned || step.Now >= state.LingerUntil))
        {
            step.Enter(AttemptPhase.Done);
            step.Do(new AttemptAction.Forget(state.Delivery == Delivery.Late || state.Ending == EndCause.NotYours));
        }
    }
}
