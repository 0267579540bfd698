using Dispatch.Contracts.Workers;

namespace Dispatch.Workers.Keeper;

/// <summary>What follows from the answers of Temporal and the registry. Pure.</summary>
internal static class AttemptAnswers
{
    internal static void TakeReportAnswer(AttemptStep step, TemporalAnswer answer)
    {
        var state = step.State;
        step.State = answer switch
        {
            TemporalAnswer.Accepted or TemporalAnswer.CancelRequested => state with { Sending = state.Sending.Finished(), Delivery = Delivery.Delivered },
            TemporalAnswer.RunClosed => state with { Sending = state.Sending.Finished(), Delivery = Delivery.Late },
            TemporalAnswer.RunOpen => state with
            {
                Sending = state.Sending.Finished(),
                Delivery = Delivery.Orphaned,
                // Of a lease that is another's no delivery comes any more.
                LingerUntil = state.Ending == EndCause.NotYours ? step.Now : step.Now + state.Facts.Times.HeartbeatTimeout + state.Facts.Times.Lease,
            },
            _ => state with { Sending = state.Sending.Failed(step.Now) },
        };
    }

    internal static void TakeHeartbeatAnswer(AttemptStep step, AttemptInput.HeartbeatAnswered beat)
    {
        var state = step.State;
        var next = beat.SentAt + state.Facts.Times.HeartbeatEvery;
        step.State = state with { Heartbeating = Chore.Anew(next > step.Now ? next : step.Now) };
        switch (beat.Answer)
        {
            case TemporalAnswer.Accepted or TemporalAnswer.CancelRequested:
                Permit(step, step.State.Witnesses.Heartbeaten(beat.SentAt));
                if (beat.Answer == TemporalAnswer.CancelRequested)
                {
                    AttemptLife.End(step, EndCause.Stopped, kill: false);
                }

                break;
            case TemporalAnswer.RunClosed:
                AttemptLife.End(step, EndCause.RunClosed, kill: true);
                break;
            default:
                // The run is open, or nobody knows: the permission decides.
                break;
        }
    }

    internal static void TakeLeaseAnswer(AttemptStep step, AttemptInput.LeaseAnswered lease)
    {
        if (lease.Standing == LeaseStanding.Held)
        {
            Permit(step, step.State.Witnesses.Renewed(lease.SentAt));
        }
        else if (lease.Standing == LeaseStanding.Expired)
        {
            Forbid(step, step.State.Witnesses.NotHeld(lease.SentAt));
        }
        else if (lease.Standing == LeaseStanding.NotYours && step.State.Phase < AttemptPhase.Storing)
        {
            AttemptLife.End(step, EndCause.NotYours, kill: true);
        }
    }

    private static void Permit(AttemptStep step, Witnesses witnesses)
    {
        var before = step.State.PermissionEnds;
        step.State = step.State with { Witnesses = witnesses };
        if (before <= step.Now && step.State.PermissionEnds > before)
        {
            step.State = step.State with { Lapse = new(before.Value, step.Now) };
        }

        if (step.State.PermissionEnds is { } ends && ends != before && IsGuarded(step.State))
        {
            step.Do(new AttemptAction.WritePermission(ends));
        }
    }

    /// <summary>Whether the guard goes by what is written of the attempt.</summary>
    private static bool IsGuarded(AttemptState state) => state.Phase < AttemptPhase.Storing && state.Ending is not (EndCause.NotYours or EndCause.RunClosed);

    /// <summary>Permission ends earlier than was written: the guard must not go by the later one.</summary>
    private static void Forbid(AttemptStep step, Witnesses witnesses)
    {
        var before = step.State.PermissionEnds;
        step.State = step.State with { Witnesses = witnesses };
        if (step.State.PermissionEnds is { } ends && ends != before && IsGuarded(step.State))
        {
            step.Do(new AttemptAction.WritePermission(ends));
        }
    }

    internal static void TakeToken(AttemptStep step)
    {
        var state = step.State;
        step.State = state with { Heartbeating = Chore.Anew(step.Now) };
        if (state.Phase == AttemptPhase.Closing && state.Delivery != Delivery.Delivered)
        {
            step.State = step.State with { Sending = Chore.Anew(step.Now), Delivery = Delivery.Pending, LingerUntil = null };
        }
    }
}
