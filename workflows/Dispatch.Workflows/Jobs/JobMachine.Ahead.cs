using Dispatch.Contracts.Placing;

namespace Dispatch.Workflows.Jobs;

/// <summary>Answers about another attempt than the one asked for: after a reset the row may be ahead, after a loss it may still speak of the last.</summary>
internal sealed partial class JobMachine
{
    // The answer speaks of an attempt that history does not have yet: whatever was before is superseded.
    private void PlacedAhead(PlaceAnswer answer, PlaceAsk ask)
    {
        if (at.Phase is JobPhase.Looking or JobPhase.Final)
        {
            var loss = at.Loss ?? RunVerdict.Lost("A later attempt exists.");
            if ((at.Phase == JobPhase.Final || at.Ending is not null) && !(IsToBeFollowed(answer) && patched(JobRevisions.Second)))
            {
                EndWith(loss);
                return;
            }

            at = at with { Loss = loss with { RetryEligible = at.Ending is null } };
        }

        switch (answer.Kind)
        {
            case PlaceAnswerKind.Offered:
            case PlaceAnswerKind.Held when Whole(answer):
                Superseded();
                Select(answer);
                Send();
                if (at.Ending is null) break;
                DropTimer(JobTimer.StopWait);
                WaitForStop();
                break;
            case PlaceAnswerKind.Ended when answer.Outcome is not null || answer.Failure is not null:
                Superseded();
                at = at with { LastAttempt = answer.Attempt };
                CloseAsRecorded(answer);
                break;
            case PlaceAnswerKind.Ended:
                Superseded();
                at = at with { LastAttempt = answer.Attempt, SeenReturned = answer.Expired ? null : answer.Lease };
                Seek();
                break;
            default:
                Superseded();
                at = at with { Phase = JobPhase.Placing };
                Waiting(ask);
                break;
        }
    }

    // After a reset the row may have a later attempt than history, with a worker: it is asked as for the last time, which takes a place in the queue and an offer back, before the job ends.
    private void FollowTheRow(string? commandId)
    {
        at = at with { Phase = JobPhase.Final, Loss = at.Loss is { } loss ? loss with { RetryEligible = false } : null, Paused = false, UnavailableInRow = 0 };
        DropTimer(JobTimer.Backoff);
        WaitForStop();
        wantsAsk = true;
        AnswerStop(commandId, "It ends as soon as it is known whether a worker has a later attempt.");
    }

    // Whether the answer speaks of an attempt that history does not have: at the end that is also one that was passed over, for it had ended when the row was asked before.
    private bool IsAhead(PlaceAnswer answer) =>
        answer.Attempt > at.LastAttempt || (at.Phase == JobPhase.Final && answer.Attempt == at.LastAttempt && answer.Attempt > (at.Current?.Number ?? 0));

    // A job that is being stopped has no attempt of which anything is still to come.
    private bool StopsNothing => at is { Ending: not null, Current: null or { Over: true } or { Answered: true } };

    // Of a job that is being stopped, or has no attempt left: what a worker has, or had, of the later attempt counts; a place in the queue, and an offer that nobody needs, do not.
    private bool IsToBeFollowed(PlaceAnswer answer) => !stopWaitPassed && answer.Kind switch
    {
        PlaceAnswerKind.Held => Whole(answer),
        PlaceAnswerKind.Offered => at.Ending is not null,
        PlaceAnswerKind.Ended => answer.Outcome is not null || answer.Failure is not null,
        _ => false,
    };

    // The next attempt was asked for, and the answer still speaks of the last one.
    private void PlacedBehind(PlaceAnswer answer)
    {
        switch (answer.Kind)
        {
            case PlaceAnswerKind.Held when at.Current is { Answered: false, Over: false }:
                Resend(answer);
                break;
            case PlaceAnswerKind.Ended when at.Current is { Answered: false, Over: false } && (answer.Outcome is not null || answer.Failure is not null):
                Revive();
                Receive(answer);
                break;
            case PlaceAnswerKind.Ended when !answer.Expired && at.SeenReturned != (answer.Lease ?? at.Current?.Lease):
                at = at with { SeenReturned = answer.Lease ?? at.Current?.Lease };
                wantsAsk = true;
                break;
            case PlaceAnswerKind.Offered when at.GiveBack != answer.Lease:
                at = at with { GiveBack = answer.Lease };
                wantsAsk = true;
                break;
            default:
                AskLater();
                break;
        }
    }

    private void Superseded()
    {
        RecordLoss();
        at = at with { GiveBack = null, SeenReturned = null };
    }
}
