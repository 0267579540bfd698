using Dispatch.Contracts.Errors;
using Dispatch.Runtimes;

namespace Dispatch.Workers.Keeper;

/// <summary>The life of an attempt on its worker: what happened, and what follows from it. Pure.</summary>
internal static class AttemptLife
{
    /// <summary>One step: takes the input in, then does all whose time has come.</summary>
    internal static AttemptStep Next(AttemptState state, AttemptInput input, TimeSpan now)
    {
        var step = new AttemptStep(state, now);
        Take(step, input);
        AttemptDues.Advance(step);
        return step;
    }

    private static void Take(AttemptStep step, AttemptInput input)
    {
        var state = step.State;
        switch (input)
        {
            case AttemptInput.Tick:
                break;
            case AttemptInput.Pulled pulled when state.Phase == AttemptPhase.Pulling:
                step.State = state with { ImageDigest = pulled.Digest, PullSeconds = (step.Now - state.PhaseSince).TotalSeconds };
                AttemptDues.Create(step);
                break;
            case AttemptInput.Created created when state.Phase == AttemptPhase.Creating:
                step.State = state with { ContainerId = created.ContainerId, Guarding = Guarding(state, step.Now), InitSeconds = (step.Now - state.PhaseSince).TotalSeconds };
                step.Enter(AttemptPhase.Guarding);
                break;
            case AttemptInput.GuardAnswered guard when state.Phase is AttemptPhase.Creating or AttemptPhase.Guarding:
                step.State = state with { Guarding = guard.Answers ? state.Guarding.Finished() : state.Guarding.Failed(step.Now), GuardAnsweredAt = step.Now };
                break;
            case AttemptInput.Started started when state.Phase is AttemptPhase.Starting or AttemptPhase.Attaching:
                Run(step, started);
                break;
            case AttemptInput.RuntimeFailed failed when state.Phase == failed.At:
                Fail(step, failed);
                break;
            case AttemptInput.Found found when state.Phase == AttemptPhase.Looking:
                Find(step, found.State);
                break;
            case AttemptInput.Ended ended when state.Phase is AttemptPhase.Running:
                step.State = state with { Exit = ended.Exit, ExitSeenAt = step.Now - ended.Exit.ToldAfter };
                Collect(step);
                break;
            case AttemptInput.Collected collected when state.Phase == AttemptPhase.Collecting:
                step.State = state with { Report = AttemptReports.Of(state, collected), Storing = Chore.Anew(step.Now) };
                step.Enter(AttemptPhase.Storing);
                break;
            case AttemptInput.ReportStored stored when state.Phase is AttemptPhase.Storing or AttemptPhase.Closing:
                TakeStored(step, stored.Stored);
                break;
            case AttemptInput.ReportAnswered answered when state.Phase == AttemptPhase.Closing:
                AttemptAnswers.TakeReportAnswer(step, answered.Answer);
                break;
            case AttemptInput.HeartbeatAnswered beat:
                AttemptAnswers.TakeHeartbeatAnswer(step, beat);
                break;
            case AttemptInput.LeaseAnswered lease:
                AttemptAnswers.TakeLeaseAnswer(step, lease);
                break;
            case AttemptInput.Removed removed:
                step.State = removed.Gone
                    ? state with { Removing = state.Removing.Finished(), Storing = state.Storing.IsDone ? state.Storing : state.Storing.Again(step.Now) }
                    : state with { Removing = state.Removing.Failed(step.Now) };
                break;
            case AttemptInput.Returned returned:
                step.State = state with { Returning = returned.Accepted ? state.Returning.Finished() : state.Returning.Failed(step.Now) };
                break;
            case AttemptInput.Halted halted:
                var chore = halted.Kill ? state.Killing : state.Stopping;
                chore = halted.Done ? chore.Finished() : chore.Failed(step.Now);
                step.State = halted.Kill ? state with { Killing = chore } : state with { Stopping = chore };
                break;
            case AttemptInput.StopAsked asked:
                End(step, asked.Cause, asked.Now);
                break;
            case AttemptInput.Extended extended when extended.RunLimit > state.RunLimit:
                step.State = state with { RunLimit = extended.RunLimit };
                step.Do(new AttemptAction.Save(Durable: true));
                break;
            case AttemptInput.PermissionKept kept:
                step.State = kept.Taken ? Written(state, step.Now) : state with { UnwrittenSince = state.UnwrittenSince ?? step.Now };
                break;
            case AttemptInput.TokenTaken:
                AttemptAnswers.TakeToken(step);
                break;
            default:
                // An answer to something that was given up meanwhile.
                break;
        }
    }

    /// <summary>An answer from while the container was made counts for a moment; a guard that may have gone since is asked again.</summary>
    private static Chore Guarding(AttemptState state, TimeSpan now) =>
        state.Guarding.IsDone && now > state.GuardAnsweredAt + AttemptDues.GuardAnswerCounts ? Chore.Anew(now) : state.Guarding;

    /// <summary>Until now the guard went by an older permission: as far as it knows this one had lapsed.</summary>
    private static AttemptState Written(AttemptState state, TimeSpan now) => state.UnwrittenSince is not { } since
        ? state
        : state with { UnwrittenSince = null, Lapse = new(state.Lapse is { } before && before.Over >= since ? before.From : since, now) };

    private static void Run(AttemptStep step, AttemptInput.Started started)
    {
        var state = step.State;
        step.State = state with
        {
            StartedAt = state.StartedAt ?? started.StartedAt,
            StartedAtBoot = state.StartedAtBoot ?? started.StartedAtBoot,
            ProcessId = started.ProcessId,
            // A stop that found nothing running yet, or is under way and may have looked too early, is done again.
            Stopping = state.Stopping.Again(step.Now),
            Killing = state.Killing.Again(step.Now),
        };
        step.Enter(AttemptPhase.Running);
        step.Do(new AttemptAction.Save(Durable: false));
        if (state.PermissionEnds is { } ends && state.Ending is not (EndCause.NotYours or EndCause.RunClosed))
        {
            // Written again: now the guard learns the process too.
            step.Do(new AttemptAction.WritePermission(ends));
        }

        step.Do(new AttemptAction.Wait());
    }

    private static void Fail(AttemptStep step, AttemptInput.RuntimeFailed failed)
    {
        var state = step.State;
        if (failed.At is AttemptPhase.Running or AttemptPhase.Attaching && failed.Gone)
        {
            step.State = state with { Trouble = AttemptReports.Lost(failed.Message) };
            Collect(step);
        }
        else if (failed.At is AttemptPhase.Looking)
        {
            step.State = state with { Looking = state.Looking.Failed(step.Now) };
        }
        else if (failed.At is AttemptPhase.Running or AttemptPhase.Attaching || (failed.At is AttemptPhase.Starting && failed.Code == ErrorCode.RuntimeUnavailable))
        {
            // The runtime did not answer: what it did stands with it, not in its silence.
            step.State = state with { Looking = Chore.Anew(step.Now).Failed(step.Now) };
            step.Enter(AttemptPhase.Looking);
        }
        else
        {
            // What was to end and was removed before its start ended for that cause.
            var endedBefore = failed is { At: AttemptPhase.Starting, Gone: true } && state.Ending is not null;
            step.State = endedBefore ? state : state with { Trouble = AttemptReports.Refused(failed) };
            Collect(step);
        }
    }

    private static void Find(AttemptStep step, ContainerState? found)
    {
        var state = step.State with { Looking = step.State.Looking.Finished() };
        step.State = state;
        if (found is { Phase: ContainerPhase.Running or ContainerPhase.Exited })
        {
            step.State = state with { ContainerId = found.ContainerId, FoundExited = found.Phase == ContainerPhase.Exited };
            if (found.Phase == ContainerPhase.Running && state.Inherited && state.AdoptedAt is null)
            {
                Adopt(step);
            }

            step.Enter(AttemptPhase.Attaching);
            step.Do(new AttemptAction.Attach());
        }
        else if (state.Inherited && state.StartedAt is null)
        {
            step.Enter(AttemptPhase.Awaiting);
        }
        else if (found is null && state.StartedAt is not null)
        {
            step.State = state with { Trouble = AttemptReports.Lost("The container was removed from outside, and nobody knows how it ended.") };
            Collect(step);
        }
        else
        {
            step.State = state with { Trouble = AttemptReports.StartUnknown(), Removing = Chore.Anew(step.Now) };
            step.Enter(AttemptPhase.Clearing);
        }
    }

    private static void Adopt(AttemptStep step)
    {
        var adoptions = step.State.Adoptions + 1;
        step.State = step.State with { Adoptions = adoptions, AdoptedAt = step.Now };
        step.Do(new AttemptAction.Save(Durable: true));
        if (adoptions >= AdoptionRules.PoisonAt)
        {
            End(step, EndCause.Poison, kill: true);
        }
    }

    internal static void Collect(AttemptStep step)
    {
        step.Enter(AttemptPhase.Collecting);
        step.Do(new AttemptAction.Collect());
    }

    private static void TakeStored(AttemptStep step, bool stored)
    {
        var state = step.State;
        step.State = state = state with { Storing = stored ? state.Storing.Finished() : state.Storing.Failed(step.Now) };
        if (state.Phase == AttemptPhase.Storing && (stored || state.Storing.Failures >= AttemptDues.StoreTriesMax))
        {
            AttemptDues.Close(step);
        }
    }

    /// <summary>Ends the attempt for a cause; the first cause counts, a kill is never taken back.</summary>
    internal static void End(AttemptStep step, EndCause cause, bool kill)
    {
        var state = step.State;
        if (state.Phase >= AttemptPhase.Collecting || state.Phase is AttemptPhase.Awaiting or AttemptPhase.Clearing)
        {
            return;
        }

        if (state.Ending is null)
        {
            step.State = state with { Ending = cause };
            step.Do(new AttemptAction.Save(Durable: true));
        }

        if (cause is EndCause.NotYours or EndCause.RunClosed)
        {
            // The guard ends it too, should the runtime not answer.
            step.Do(new AttemptAction.WritePermission(step.Now));
        }

        if (kill && step.State.Killing == Chore.Nothing)
        {
            step.State = step.State with { Killing = Chore.Anew(step.Now) };
        }
        else if (!kill && step.State.Stopping == Chore.Nothing && step.State.Killing == Chore.Nothing)
        {
            step.State = step.State with { Stopping = Chore.Anew(step.Now) };
        }
    }
}
