using CsCheck;
using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.Tests.History;

/// <summary>Whatever happens to a run, in whatever order: its history stays one that a worker can replay.</summary>
public class HistoryInvariantTests
{
    [Fact]
    public void Every_history_is_sound() => Gen.Int[0, 15].Array[1, 120].Sample(steps =>
    {
        var run = new ScriptedRun(start => start.WorkflowRunTimeout = TimeSpan.FromMinutes(30).ToProto());
        for (var i = 0; i < steps.Length; i++)
        {
            try
            {
                Step(run, steps[i], i);
            }
            catch (EngineException)
            {
                // A refusal is an answer, too; it must have changed nothing, which the checks show.
            }

            Check(run);
        }
    }, iter: 400);

    private static void Step(ScriptedRun run, int step, int n)
    {
        switch (step)
        {
            case 0 or 1:
                run.TakeTask();
                break;
            case 2:
                run.TakeTask(isSticky: true);
                break;
            case 3:
                run.Complete(Commands.Activity($"a{n % 7}"), Commands.Timer($"t{n % 5}", n % 9));
                break;
            case 4:
                run.Complete(ScriptedRun.Sticky, Commands.Marker("m"));
                break;
            case 5:
                run.Complete(request => (request.ForceCreateNewWorkflowTask, request.ReturnNewWorkflowTask) = (true, true));
                break;
            case 6:
                run.FailTask();
                break;
            case 7 or 8:
                run.Signal();
                break;
            case 9 or 10:
                run.Wait(n % 13);
                break;
            case 11 when run.State.Activities.Values.FirstOrDefault(activity => !activity.IsStarted) is { } waiting:
                run.StartActivity(waiting.ActivityId);
                break;
            case 12 when run.State.Activities.Values.FirstOrDefault(activity => activity.IsStarted) is { } running && run.State.IsOpen:
                run.Decide(decision =>
                {
                    if (n % 3 == 0)
                    {
                        Activities.Fail(decision, running, Commands.Broken(), "worker");
                    }
                    else
                    {
                        Activities.Complete(decision, running, null, "worker");
                    }
                });
                break;
            case 13:
                run.Update($"u{n % 4}");
                break;
            case 14 when run.State.Activities.Values.FirstOrDefault() is { } activity:
                run.Complete(Commands.CancelActivity(activity.ScheduledEventId));
                break;
            case 15 when n % 11 == 0:
                run.Complete(Commands.Close());
                break;
        }
    }

    private static void Check(ScriptedRun run)
    {
        var events = run.Events;
        Assert.Equal(Enumerable.Range(1, events.Count).Select(id => (long)id), events.Select(happened => happened.EventId));
        Assert.Equal(events.Count + 1, run.State.NextEventId);
        var open = default(HistoryEvent);
        foreach (var happened in events)
        {
            switch (happened.EventType)
            {
                case EventType.WorkflowTaskScheduled:
                    Assert.Null(open);
                    break;
                case EventType.WorkflowTaskStarted:
                    Assert.Null(open);
                    Assert.Equal(
                        EventType.WorkflowTaskScheduled,
                        events[(int)happened.WorkflowTaskStartedEventAttributes.ScheduledEventId - 1].EventType);
                    open = happened;
                    break;
                case EventType.WorkflowTaskCompleted or EventType.WorkflowTaskFailed:
                    Assert.NotNull(open);
                    open = null;
                    break;
                case EventType.WorkflowTaskTimedOut:
                    open = null;
                    break;
                default:
                    Assert.False(open is not null && EventTypes.IsBuffered(happened.EventType), $"{happened.EventType} inside a task");
                    break;
            }
        }

        Assert.Equal(run.State.IsOpen ? 0 : 1, events.Count(IsClosing));
        Assert.True(run.State.IsOpen || IsClosing(events[^1]));
        if (run.State.IsOpen)
        {
            CheckPending(run);
        }
    }

    /// <summary>Pending is what was opened and not closed, counting what is buffered as closed.</summary>
    private static void CheckPending(ScriptedRun run)
    {
        var all = run.Events.Concat(run.State.Buffered).ToList();
        var closedActivities = all.Select(ClosedActivity).Where(id => id != 0).ToList();
        Assert.Equal(closedActivities.Distinct(), closedActivities);
        Assert.Equal(
            all.Where(e => e.EventType == EventType.ActivityTaskScheduled).Select(e => e.EventId).Except(closedActivities).Order(),
            run.State.Activities.Keys.Order());
        var closedTimers = all
            .Select(e => e.TimerFiredEventAttributes?.StartedEventId ?? e.TimerCanceledEventAttributes?.StartedEventId ?? 0)
            .ToHashSet();
        Assert.Equal(
            all.Where(e => e.EventType == EventType.TimerStarted).Select(e => e.EventId).Where(id => !closedTimers.Contains(id)).Order(),
            run.State.Timers.Values.Select(timer => timer.StartedEventId).Order());
        if (run.State.Buffered.Count > 0)
        {
            Assert.True(run.State.Task!.IsStarted);
        }
    }

    private static long ClosedActivity(HistoryEvent happened) =>
        happened.ActivityTaskCompletedEventAttributes?.ScheduledEventId
        ?? happened.ActivityTaskFailedEventAttributes?.ScheduledEventId
        ?? happened.ActivityTaskTimedOutEventAttributes?.ScheduledEventId
        ?? happened.ActivityTaskCanceledEventAttributes?.ScheduledEventId
        ?? 0;

    private static bool IsClosing(HistoryEvent happened) => happened.EventType is EventType.WorkflowExecutionCompleted
        or EventType.WorkflowExecutionFailed
        or EventType.WorkflowExecutionCanceled
        or EventType.WorkflowExecutionTerminated
        or EventType.WorkflowExecutionTimedOut
        or EventType.WorkflowExecutionContinuedAsNew;
}
