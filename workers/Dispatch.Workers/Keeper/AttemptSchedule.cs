namespace Dispatch.Workers.Keeper;

/// <summary>When an attempt next needs a step, and what may be done at all. Pure.</summary>
internal static class AttemptSchedule
{
    /// <summary>When the attempt next needs a step without any input; null is never.</summary>
    internal static TimeSpan? NextAt(AttemptState state)
    {
        TimeSpan? next = null;
        void At(TimeSpan? time) => next = time is { } at && (next is null || at < next) ? at : next;
        void When(Chore chore) => At(chore is { IsDone: false, InFlight: false } ? chore.DueAt : null);

        switch (state.Phase)
        {
            case AttemptPhase.Received or AttemptPhase.Pulling or AttemptPhase.Creating or AttemptPhase.Guarding:
                At(state.ReceivedAt + state.Facts.InitLimit);
                When(state.Guarding);
                At(state.Guarding.IsDone && state.PermissionEnds > state.Lapse?.Over ? state.Lapse.Over : null);
                break;
            case AttemptPhase.Starting or AttemptPhase.Looking or AttemptPhase.Attaching or AttemptPhase.Running:
                At(state.Killing == Chore.Nothing ? state.PermissionEnds : null);
                At(state is { Phase: AttemptPhase.Running, Ending: null } ? state.StartedAtBoot + state.RunLimit : null);
                At(state is { Phase: AttemptPhase.Running, Adoptions: > 0 } ? state.AdoptedAt + AdoptionRules.CalmAfter : null);
                When(CanHalt(state) && state.Killing == Chore.Nothing ? state.Stopping : Chore.Nothing);
                When(CanHalt(state) ? state.Killing : Chore.Nothing);
                When(state.Phase == AttemptPhase.Looking ? state.Looking : Chore.Nothing);
                break;
            case AttemptPhase.Awaiting:
                At(state.PermissionEnds);
                break;
            case AttemptPhase.Clearing:
                When(state.Removing);
                var limit = state.PhaseSince + AttemptState.ClearingLimit;
                At(state.PermissionEnds is { } ends && ends > limit ? ends : limit);
                break;
            case AttemptPhase.Storing:
                When(state.Storing);
                break;
            case AttemptPhase.Closing:
                When(state.Storing);
                When(state.Sending);
                When(state.Removing);
                When(MayReturn(state) ? state.Returning : Chore.Nothing);
                At(state.Returning.IsDone ? state.LingerUntil : null);
                break;
            default:
                break;
        }

        When(MayHeartbeat(state) && state.IsSpokenFor(state.Heartbeating.DueAt) ? state.Heartbeating : Chore.Nothing);
        return next;
    }

    /// <summary>Whether a step brings a renewal forward: the finer state is another, or the attempt is now spoken for and was in doubt.</summary>
    internal static bool IsNews(AttemptState before, AttemptState after, TimeSpan now) =>
        after.Activity != before.Activity || after.IsSpokenFor(now) != before.IsSpokenFor(now) || after.Phase == AttemptPhase.Done;

    internal static bool CanHalt(AttemptState state) => state.Phase is AttemptPhase.Starting or AttemptPhase.Attaching or AttemptPhase.Running
        || (state.Phase == AttemptPhase.Looking && state.ContainerId is not null);

    internal static bool MayHeartbeat(AttemptState state) => state.Phase < AttemptPhase.Closing && state.Ending != EndCause.RunClosed;

    internal static bool MayReturn(AttemptState state) => state.Removing.IsDone || state.Removing.Failures >= AttemptDues.RemovalTriesMax;
}
