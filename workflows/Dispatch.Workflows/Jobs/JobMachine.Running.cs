using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>From sent to the attempt's end: deliveries, answers, losses.</summary>
internal sealed partial class JobMachine
{
    private void Send()
    {
        DropTimer(JobTimer.Resend);
        DropTimer(JobTimer.AskAgain);
        var current = at.Current! with { Delivery = at.Current!.Delivery + 1 };
        var receipt = Receipt(current.Profile);
        at = at with { Phase = JobPhase.Sent, Current = current, Loss = null, WaitsInRow = 0, UnavailableInRow = 0 };
        Record(Next(OperationKind.MessageSent) with
        {
            TaskQueue = current.Queue,
            Attempt = current.Number,
            Delivery = current.Delivery,
            Worker = current.Worker,
            ReceiptSeconds = receipt.TotalSeconds,
            RunSeconds = at.Run.TotalSeconds,
            Version = current.Version,
        });
        if (current.Delivery == 1) Index(JobState.Sent);
        actions.Add(new JobAction.Send(
            new()
            {
                Job = at.Facts.Job,
                Conversation = at.Facts.Conversation,
                Attempt = current.Number,
                Delivery = current.Delivery,
                Lease = current.Lease,
                Fence = current.Fence,
                MemoryBytes = at.MemoryBytes,
                RunSeconds = at.Run.TotalSeconds,
                Stop = at.Ending?.StopOf(current.Lease),
                Version = current.Version,
            },
            current.Queue,
            receipt,
            current.Profile.HeartbeatTimeout));
        TellExtensions();
    }

    private TimeSpan Receipt(TimeProfile profile) =>
        at.Spec!.Timeouts.Receipt is { } wanted && wanted < profile.Receipt ? wanted : profile.Receipt;

    // The attempt lives after all: what its loss had cost is given back.
    private void Revive()
    {
        var current = at.Current!;
        if (at.Loss is { RetryEligible: true } loss)
        {
            at = at with
            {
                RetriesUsed = at.RetriesUsed.SetItem(loss.Budget, at.RetriesUsed.GetValueOrDefault(loss.Budget) - 1),
                Excluded = at.Excluded.RemoveAll(worker => worker.Worker == current.Worker && worker.Incarnation == current.Incarnation),
            };
        }

        at = at with { Loss = null, GiveBack = null, DeadWorkers = at.DeadWorkers.Remove(current.Worker) };
    }

    // A worker that restarted holds the attempt under its new incarnation: that is where it is reached.
    private void Relocate(PlaceAnswer answer)
    {
        if (answer.Incarnation is { } incarnation && answer.Worker == at.Current!.Worker)
            at = at with { Current = at.Current with { Incarnation = incarnation } };
    }

    private void Resend(PlaceAnswer held)
    {
        Revive();
        Relocate(held);
        if (at.Ending is not null)
        {
            if (!stopWaitPassed) Send();
            return;
        }

        DropTimer(JobTimer.AskAgain);
        at = at with { Phase = JobPhase.Resending };
        var pause = Doubled(Receipt(at.Current!.Profile), at.Current.Delivery - 1, JobLimits.ResendPauseMax);
        EnsureTimer(JobTimer.Resend, Spaced(pause));
    }

    private void RunClosed(RunEnd end)
    {
        if (at.Phase != JobPhase.Sent) return;
        switch (end)
        {
            case RunEnd.Reported reported:
                Reported(reported.Report, final: false);
                break;
            case RunEnd.Failed failed:
                Failed(failed.Failure, final: false);
                break;
            case RunEnd.Canceled:
                at = at with { Loss = RunVerdict.Unreachable("Cancelled before the worker took it.") };
                CloseAsStopped();
                break;
            case RunEnd.NotTaken:
                LookFor(RunVerdict.Unreachable("Not taken within the receipt deadline."));
                break;
            default:
                LookFor(RunVerdict.Lost("No heartbeat within the time-out."));
                break;
        }

        NotReached();
    }

    private void LookFor(AttemptLoss unlessKnownBetter)
    {
        at = at with { Phase = JobPhase.Looking, Loss = unlessKnownBetter, UnavailableInRow = 0 };
        wantsAsk = true;
    }

    // What the placer knows of an attempt whose RunContainer is closed without an answer.
    private void Looked(PlaceAnswer answer, PlaceAsk ask)
    {
        var current = at.Current!;
        var loss = at.Loss ?? RunVerdict.Lost("No answer.");
        switch (answer.Kind)
        {
            case PlaceAnswerKind.Held when !current.Answered:
                Resend(answer);
                break;
            case PlaceAnswerKind.Ended when answer.Outcome is not null || answer.Failure is not null:
                Revive();
                Receive(answer);
                break;
            case PlaceAnswerKind.Ended when ask.Final:
            case PlaceAnswerKind.Waiting when ask.Final:
                EndWith(loss);
                break;
            case PlaceAnswerKind.Ended:
                at = at with { SeenReturned = answer.Expired ? at.SeenReturned : answer.Lease ?? current.Lease };
                Lose(Known(loss, answer.Expired));
                break;
            case PlaceAnswerKind.Offered when answer.Lease == current.Lease:
                at = at with { GiveBack = current.Lease };
                Lose(loss.Cause == LossCause.RegistryUnavailable ? loss : RunVerdict.Unreachable(loss.Message));
                break;
            case PlaceAnswerKind.Offered:
                at = at with { GiveBack = answer.Lease };
                Lose(loss);
                break;
            case PlaceAnswerKind.Waiting:
                Lose(loss);
                break;
            default:
                AskLater();
                break;
        }
    }

    // The lease's own end tells lost from crashed; a word that the worker itself gave stays.
    private static AttemptLoss Known(AttemptLoss loss, bool expired) => loss.Cause switch
    {
        LossCause.Unreachable or LossCause.Lost when expired => RunVerdict.Lost("Its lease ended: no renewal and no heartbeat."),
        LossCause.Lost => RunVerdict.Lost("The worker came back without what it had.") with { Cause = LossCause.Crashed },
        _ => loss,
    };

    private void Receive(PlaceAnswer answer)
    {
        if (answer.Outcome is { } outcome) Reported(outcome, final: true);
        else Failed(answer.Failure!, final: true);
    }

    private void Reported(ContainerReport report, bool final)
    {
        at = at with { LastReport = report, LastFailure = null };
        Judge(RunVerdict.Of(report, at.Spec!.Exit), report.Outcome, final);
    }

    private void Failed(ContainerFailure failure, bool final)
    {
        at = at with { LastFailure = failure, LastReport = null };
        Judge(RunVerdict.Of(failure), outcome: null, final);
    }

    private void Judge(RunVerdict verdict, Outcome? outcome, bool final)
    {
        if (verdict is RunVerdict.Ask ask)
        {
            if (!final)
            {
                LookFor(ask.Loss);
                return;
            }

            verdict = new RunVerdict.Exited(ask.Loss);
        }

        at = at with { Loss = null, GiveBack = null, SeenReturned = at.Current!.Lease, Current = at.Current with { Answered = true } };
        switch (verdict)
        {
            case RunVerdict.Done done:
                RecordReceived(outcome, code: null, eligible: null, message: null);
                if (at.Ending is not null) CloseAsAsked();
                else Close(done.Reason, code: null, message: null);
                break;
            case RunVerdict.Failed failed:
                Received(failed, outcome);
                break;
            case RunVerdict.Exited exited:
                Lose(exited.Loss);
                break;
            default:
                throw new InvalidOperationException($"No verdict {verdict}.");
        }
    }

    private void Received(RunVerdict.Failed failed, Outcome? outcome)
    {
        if (at.Ending is not null)
        {
            if (outcome is not null) RecordReceived(outcome, code: null, eligible: null, message: null);
            else RecordReceived(outcome, failed.Code, eligible: false, failed.Message);
            CloseAsAsked();
            return;
        }

        var eligible = failed.Budget is { } budget && MayRetry(budget);
        RecordReceived(outcome, failed.Code, eligible, failed.Message);
        if (eligible) Retry(failed.Budget!.Value, failed.Code.ToString());
        else Close(failed.Reason, failed.Code, failed.Message);
    }

    private void RecordReceived(Outcome? outcome, ErrorCode? code, bool? eligible, string? message)
    {
        var current = at.Current!;
        Record(Next(OperationKind.MessageReceived) with
        {
            TaskQueue = current.Queue,
            State = code is null ? OperationActivityState.ActivityCompleted : OperationActivityState.ActivityFailed,
            RetryEligible = eligible,
            Attempt = current.Number,
            Worker = current.Worker,
            Incarnation = current.Incarnation,
            Error = code?.ToString(),
            ExitCode = outcome?.Code,
            Signal = outcome?.Signal,
            Message = message is null ? null : Cut(message, JobLimits.OperationTextMax),
        });
        Summarize(code?.ToString() ?? "result", message);
    }
}
