using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>The end: the last operation, the report, the answers.</summary>
internal sealed partial class JobMachine
{
    private void CloseAsStopped()
    {
        LoseCurrent();
        CloseAsAsked();
    }

    private void CloseAsAsked()
    {
        var ending = at.Ending!;
        var reason = ending.Reason == TerminationReason.Cancelled && !at.EverSent && at.LastReport is null && at.LastFailure is null ? TerminationReason.CancelledBeforeStart : ending.Reason;
        Close(reason, ending.Code, ending.Message, ending.Canceled ? CloseKind.Canceled : CloseKind.Failed);
    }

    // After a reset: the row knows how the conversation ended.
    private void CloseAsRecorded(PlaceAnswer answer)
    {
        at = at with { LastReport = answer.Outcome, LastFailure = answer.Outcome is null ? answer.Failure : null };
        if (at.Ending is not null)
        {
            CloseAsAsked();
            return;
        }

        var verdict = answer.Outcome is { } outcome ? RunVerdict.Of(outcome, at.Spec!.Exit) : RunVerdict.Of(answer.Failure!);
        switch (verdict)
        {
            case RunVerdict.Done done: Close(done.Reason, code: null, message: null); break;
            case RunVerdict.Failed failed: Close(failed.Reason, failed.Code, failed.Message); break;
            case RunVerdict.Exited exited: Close(exited.Loss.Reason, exited.Loss.Code, exited.Loss.Message); break;
            case RunVerdict.Ask ask: Close(ask.Loss.Reason, ask.Loss.Code, ask.Loss.Message); break;
            default: throw new InvalidOperationException($"No verdict {verdict}.");
        }
    }

    private void Close(TerminationReason reason, ErrorCode? code, string? message, CloseKind? how = null)
    {
        // A spec that was right once is not wrong later: whoever says so is.
        if (reason == TerminationReason.InvalidJobSpec && at.EverSent) reason = TerminationReason.InternalError;
        var outcome = OutcomeOf(at.LastReport);
        wantsAsk = false;
        Record(Next(OperationKind.ConversationClosed) with
        {
            Reason = reason.ToString(),
            ExitCode = outcome.Code,
            Signal = outcome.Signal,
            AttemptsUsed = at.Operations.Count(operation => operation.Kind == OperationKind.WorkerSelected),
            Message = message is null ? null : Cut(message, JobLimits.OperationTextMax),
        });
        at = at with
        {
            Phase = JobPhase.Settling,
            How = how ?? (code is null ? CloseKind.Completed : CloseKind.Failed),
            Report = ReportOf(reason, code, message, outcome),
        };
        if (at.Asks == 0 || WorkerSaid(reason)) CloseNow();
        else
        {
            actions.Add(new JobAction.Settle(new()
            {
                Job = at.Facts.Job,
                Conversation = at.Facts.Conversation,
                RunId = at.Facts.RunId,
                Ask = at.Asks + 1,
                Reason = reason,
            }));
        }
    }

    private void CloseNow()
    {
        var report = at.Report!;
        at = at with { Phase = JobPhase.Closed };
        Index(JobState.Closed, report.Reason);
        foreach (var (id, command) in Open<JobCommand>())
        {
            var stopped = command is JobCommand.Stop && report.Error == ErrorCode.Cancelled;
            Answer(id, stopped, stopped ? "The job is stopped." : "The job has ended.", report);
        }

        // After the answers to commands that came with what ended the job.
        closes = true;
    }

    // The worker returned the lease with what it answered: nothing is left to tell.
    private bool WorkerSaid(TerminationReason reason)
    {
        if (at.Current is not { Answered: true, Over: true }) return false;
        return at switch
        {
            { LastReport: { } report } => RunVerdict.Of(report, at.Spec!.Exit) switch
            {
                RunVerdict.Done done => done.Reason == reason,
                RunVerdict.Failed failed => failed.Reason == reason,
                _ => false,
            },
            { LastFailure: { } failure } => RunVerdict.Of(failure) is RunVerdict.Failed failed && failed.Reason == reason,
            _ => false,
        };
    }

    private Outcome OutcomeOf(ContainerReport? report)
    {
        if (report is null) return new();
        var outcome = report.Outcome;
        if (outcome.Code is null && outcome.Signal is null) return outcome with { Kind = OutcomeKind.Unset };
        var success = outcome.Signal is null && outcome.Code is { } code && at.Spec!.Exit.Success.Contains(code);
        return outcome with { Kind = success ? OutcomeKind.Success : OutcomeKind.Failure };
    }

    private JobReport ReportOf(TerminationReason reason, ErrorCode? code, string? message, Outcome outcome) => new()
    {
        Job = at.Facts.Job,
        Conversation = at.Facts.Conversation,
        Reason = reason,
        Error = code,
        Message = message is null ? null : Cut(message, JobLimits.ReportTextMax),
        Outcome = outcome,
        AttemptsUsed = at.LastAttempt,
        Attempts = at.Attempts,
        Timings = new()
        {
            QueuedAt = at.QueuedAt,
            PlacedAt = at.PlacedAt,
            StartedAt = at.LastReport?.StartedAt,
            EndedAt = at.LastReport?.EndedAt ?? now,
            QueueSeconds = (at.FirstPlacedAt - at.QueuedAt)?.TotalSeconds,
            PullSeconds = at.LastReport?.PullSeconds,
            InitSeconds = at.LastReport?.InitSeconds,
            RunSeconds = at.LastReport?.RunSeconds,
        },
        ImageDigest = at.LastReport?.ImageDigest,
        Usage = at.LastReport?.Usage,
        Log = at.LastReport?.Log ?? at.LastFailure?.Log,
        SpecErrors = at.SpecErrors.Count > 0 ? at.SpecErrors : null,
    };

    private Operation Next(OperationKind kind) => new()
    {
        Sequence = at.Operations.Count + 1,
        Kind = kind,
        Conversation = at.Facts.Conversation,
        TaskQueue = at.Facts.TaskQueue,
        Time = now,
    };

    private void Record(Operation operation) => at = at with { Operations = at.Operations.Add(operation) };
}
