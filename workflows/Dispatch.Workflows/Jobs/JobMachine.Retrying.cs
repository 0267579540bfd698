using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>An attempt's end without a result, and whether there is another one.</summary>
internal sealed partial class JobMachine
{
    private void Lose(AttemptLoss loss)
    {
        DropTimer(JobTimer.Resend);
        if (loss.Death) at = at with { DeadWorkers = at.DeadWorkers.Add(at.Current!.Worker) };
        var poisoned = loss.Poison || at.DeadWorkers.Count >= JobLimits.DeadWorkersMax;
        if (poisoned && loss.Budget == RetryCause.WorkerLost)
        {
            loss = loss with { Poison = true, Code = ErrorCode.Poisoned, Reason = TerminationReason.Poisoned };
        }

        var eligible = !loss.Poison && at.Ending is null && MayRetry(loss.Budget);
        at = at with { Loss = loss with { RetryEligible = eligible } };
        if (eligible) Retry(loss.Budget, loss.Cause);
        else if (at.Current!.Answered) EndWith(at.Loss);
        else
        {
            at = at with { Phase = JobPhase.Final };
            wantsAsk = true;
        }
    }

    private void EndWith(AttemptLoss loss)
    {
        at = at with { Loss = loss };
        RecordLoss();
        if (at.Ending is not null) CloseAsAsked();
        else Close(loss.Reason, loss.Code, loss.Message);
    }

    private void LoseCurrent()
    {
        if (at.Current is not { Over: false }) return;
        at = at with { Loss = (at.Loss ?? RunVerdict.Lost("No answer.")) with { RetryEligible = false } };
        RecordLoss();
    }

    private void RecordLoss()
    {
        if (at.Loss is not { } loss || at.Current is not { Over: false } current)
        {
            at = at with { Loss = null };
            return;
        }

        Record(Next(OperationKind.WorkerExited) with
        {
            TaskQueue = current.Queue,
            State = OperationActivityState.ActivityFailed,
            RetryEligible = loss.RetryEligible,
            Attempt = current.Number,
            Worker = current.Worker,
            Incarnation = current.Incarnation,
            Cause = loss.Cause,
            Message = Cut(loss.Message, JobLimits.OperationTextMax),
        });
        Summarize(loss.Cause, loss.Message);
        at = at with { Loss = null };
    }

    private void Summarize(string end, string? message)
    {
        var current = at.Current! with { Over = true };
        at = at with
        {
            Current = current,
            Attempts = at.Attempts.Add(new(
                current.Number, current.Worker, current.Incarnation, current.Delivery, end, message is null ? null : Cut(message, JobLimits.SummaryTextMax))),
        };
    }

    private RetryBudget BudgetOf(RetryCause cause) => at.Spec!.Retry.TryGetValue(cause, out var budget) ? budget : RetryBudget.DefaultOf(cause);

    private bool MayRetry(RetryCause cause) =>
        at.Ending is null && at.LastAttempt < JobLimits.AttemptsMax && at.RetriesUsed.GetValueOrDefault(cause) < BudgetOf(cause).Max;

    private void Retry(RetryCause cause, string why)
    {
        var current = at.Current!;
        DropTimer(JobTimer.Resend);
        DropTimer(JobTimer.AskAgain);
        var budget = BudgetOf(cause);
        var used = at.RetriesUsed.GetValueOrDefault(cause);
        at = at with { RetriesUsed = at.RetriesUsed.SetItem(cause, used + 1), Phase = JobPhase.BackingOff };
        if (cause == RetryCause.OutOfMemory) at = at with { MemoryBytes = Grown(at.MemoryBytes, budget.MemoryFactor) };
        if (cause != RetryCause.RegistryUnavailable)
        {
            at = at with
            {
                Excluded = at.Excluded.RemoveAll(worker => worker.Worker == current.Worker && worker.Incarnation == current.Incarnation)
                    .Add(new(current.Worker, current.Incarnation, why)),
            };
        }

        var pause = PauseOf(cause, budget.Backoff, used);
        if (pause > TimeSpan.Zero) EnsureTimer(JobTimer.Backoff, pause);
        else Seek();
    }

    // An offer that nobody took is given back with the next ask: by default that is not delayed, the worker is excluded anyway.
    private TimeSpan PauseOf(RetryCause cause, Backoff backoff, int used)
    {
        if (cause == RetryCause.WorkerUnreachable && !at.Spec!.Retry.ContainsKey(cause)) return TimeSpan.Zero;
        var pause = backoff.Initial * Math.Pow((double)backoff.Factor, used);
        return pause < backoff.Max ? pause : backoff.Max;
    }

    private static long Grown(long bytes, decimal factor)
    {
        var grown = Math.Ceiling(bytes * factor);
        return grown > long.MaxValue ? long.MaxValue : (long)grown;
    }
}
