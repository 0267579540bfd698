using System.Runtime.ExceptionServices;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Jobs;

/// <content>Carries out what the machine wants.</content>
public sealed partial class JobWorkflow
{
    private void Step()
    {
        JobInput[] happened = [.. inbox];
        inbox.Clear();
        var step = JobMachine.Step(progress, happened, new(Workflow.UtcNow, TimeSpan.Zero), Workflow.Random.NextDouble, Follows);
        OperationGuard.Hold(progress, step.Progress);
        progress = step.Progress;
        if (Watch is { } watch)
        {
            foreach (var (at, input) in step.Taken) watch(JobPath.Of(at, input));
        }

        foreach (var action in step.Actions) Do(action);
    }

    private void Do(JobAction action)
    {
        switch (action)
        {
            case JobAction.Record record: Note(OperationMemo.Of(record.Operations)); break;
            case JobAction.Ask ask: _ = WatchAsync(AskAsync(ask.Question)); break;
            case JobAction.Send send: _ = WatchAsync(SendAsync(send)); break;
            case JobAction.CancelRun: cancels.GetValueOrDefault(RunCancel)?.Cancel(); break;
            case JobAction.Control control: _ = WatchAsync(ControlAsync(control)); break;
            case JobAction.StartTimer start: _ = WatchAsync(WaitAsync(start)); break;
            case JobAction.CancelTimer cancel: cancels.GetValueOrDefault(cancel.Timer.ToString())?.Cancel(); break;
            case JobAction.Answer answer: answers[answer.CommandId] = answer.Reply; break;
            case JobAction.Index index when indexes && IsWritten(index): Index(JobIndex.Of(progress, index)); break;
            case JobAction.Settle settle: _ = WatchAsync(SettleAsync(settle.Settlement)); break;
            default: break;
        }
    }

    private void Note(MemoUpdate[] updates)
    {
        Workflow.UpsertMemo(updates);
        Noted?.Invoke(updates);
    }

    private void Index(SearchAttributeUpdate[] updates)
    {
        Workflow.UpsertTypedSearchAttributes(updates);
        Indexed?.Invoke(updates);
    }

    // A history does not tell its replay in which run it goes on: there its marker alone says whether the run was one that a reset began.
    private bool Follows(string revision) =>
        (revision != JobRevisions.Third || Workflow.Unsafe.IsReplaying || AfterReset || progress.Facts.RunId != progress.Facts.Conversation.Value) && Workflow.Patched(revision);

    // Before rev-1 the attributes showed Sent from the first delivery to the end.
    private bool IsWritten(JobAction.Index index) => index.State != JobState.Queued || !progress.EverSent || Workflow.Patched(QueuedAgainPatch);

    // A cancellation alone wakes no condition of the SDK's: a task that continues does.
    private async Task HearCancelAsync()
    {
        var requested = new TaskCompletionSource();
        using var registration = Workflow.CancellationToken.Register(requested.SetResult);
        await requested.Task;
        inbox.Add(new JobInput.CancelRequested());
    }

    private async Task AskAsync(PlaceAsk ask)
    {
        PlaceAnswer answer;
        try
        {
            answer = await JobCalls.PlaceAsync(ask);
        }
        catch (FailureException failure)
        {
            answer = new() { Kind = PlaceAnswerKind.Unavailable, Attempt = ask.Attempt, Why = (failure.InnerException ?? failure).Message };
        }

        inbox.Add(new JobInput.Placed(answer));
    }

    private async Task SendAsync(JobAction.Send send)
    {
        using var cancel = new CancellationTokenSource();
        cancels[RunCancel] = cancel;
        RunEnd end;
        try
        {
            end = ActivityEnds.Of(await Workflow.ExecuteActivityAsync<IRawValue>(JobNames.RunContainer, [send.Input], JobCalls.Run(send, cancel.Token)));
        }
        catch (ActivityFailureException failure)
        {
            end = ActivityEnds.Of(failure);
        }

        cancels.Remove(RunCancel);
        inbox.Add(new JobInput.RunClosed(end));
    }

    private async Task ControlAsync(JobAction.Control control)
    {
        try
        {
            await Workflow.ExecuteActivityAsync(control.Name, [control.Input], JobCalls.Control(control));
            inbox.Add(new JobInput.ControlClosed(control.CommandId, null, null));
        }
        catch (ActivityFailureException failure)
        {
            var (code, message) = ActivityEnds.OfControl(failure);
            inbox.Add(new JobInput.ControlClosed(control.CommandId, code, message));
        }
    }

    private async Task WaitAsync(JobAction.StartTimer start)
    {
        using var cancel = new CancellationTokenSource();
        var key = start.Timer.ToString();
        cancels[key] = cancel;
        try
        {
            await Workflow.DelayAsync(start.After, cancel.Token);
            inbox.Add(new JobInput.TimerFired(start.Timer, start.Id));
        }
        catch (OperationCanceledException)
        {
            // The machine let go of it.
        }

        if (cancels.GetValueOrDefault(key) == cancel) cancels.Remove(key);
    }

    private async Task SettleAsync(Settlement settlement)
    {
        try
        {
            await JobCalls.SettleAsync(settlement);
        }
        catch (FailureException)
        {
            // For speed only: the sweeper makes it true. A local activity's failure comes as it is, and only sometimes inside that of an activity.
        }

        inbox.Add(new JobInput.Settled());
    }

    // Nobody awaits what runs beside the loop: a bug in it must fail the workflow task, where it is seen; a failure of Temporal's own, thrown as it is, would fail the run.
    private async Task WatchAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            fault ??= ExceptionDispatchInfo.Capture(exception is FailureException ? new InvalidOperationException(exception.Message, exception) : exception);
        }
    }

    private JobReport Finish(JobReport report)
    {
        switch (progress.How)
        {
            case CloseKind.Completed:
                return report;
            case CloseKind.Canceled:
                Workflow.CancellationToken.ThrowIfCancellationRequested();
                throw new InvalidOperationException($"Job {report.Job} ends as canceled and nobody cancelled it.");
            default:
                throw new ApplicationFailureException(
                    report.Message ?? report.Reason.ToString(), errorType: report.Error.ToString(), nonRetryable: true, details: [report]);
        }
    }
}
