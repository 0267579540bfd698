using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>When the clock alone changes a run, and what happens then. Derived from the state, so nothing has to be armed or disarmed.</summary>
internal static class Deadlines
{
    /// <summary>The earliest deadline of the run; null when it has none.</summary>
    public static DateTimeOffset? Next(RunState state)
    {
        if (!state.IsOpen)
        {
            return null;
        }

        var next = Earliest(state.RunExpiration, state.FirstTaskDue);
        if (state.Task is { } task)
        {
            next = Earliest(next, TaskDeadline(task));
        }

        foreach (var timer in state.Timers.Values)
        {
            next = Earliest(next, timer.Due);
        }

        foreach (var activity in state.Activities.Values)
        {
            next = Earliest(next, ActivityDeadline(activity).Due);
        }

        return next;
    }

    /// <summary>Does everything that is due, in the order of the deadlines.</summary>
    public static void Fire(Decision decision)
    {
        var now = decision.Now;
        while (Next(decision.State) is { } due && due <= now)
        {
            FireOne(decision, due);
        }
    }

    private static void FireOne(Decision decision, DateTimeOffset due)
    {
        var state = decision.State;
        if (state.RunExpiration == due)
        {
            Closing.TimeOut(decision);
            return;
        }

        if (state.FirstTaskDue == due)
        {
            decision.State = state with { FirstTaskDue = null };
            WorkflowTasks.Schedule(decision);
            return;
        }

        if (state.Task is { } task && TaskDeadline(task) == due)
        {
            if (task.IsStarted)
            {
                WorkflowTasks.TimeOutStarted(decision);
            }
            else
            {
                WorkflowTasks.TimeOutScheduled(decision);
            }

            return;
        }

        var timer = state.Timers.Values.Where(timer => timer.Due == due).MinBy(timer => timer.StartedEventId);
        if (timer is not null)
        {
            FireTimer(decision, timer);
            return;
        }

        var activity = state.Activities.Values.First(activity => ActivityDeadline(activity).Due == due);
        FireActivity(decision, activity);
    }

    private static void FireTimer(Decision decision, TimerState timer)
    {
        decision.State = decision.State with { Timers = decision.State.Timers.Remove(timer.TimerId) };
        decision.Add(new HistoryEvent
        {
            TimerFiredEventAttributes = new TimerFiredEventAttributes { TimerId = timer.TimerId, StartedEventId = timer.StartedEventId },
        });
        WorkflowTasks.Schedule(decision);
    }

    private static void FireActivity(Decision decision, ActivityState activity)
    {
        if (ActivityDeadline(activity).Type is { } type)
        {
            Activities.TimeOut(decision, activity, type);
        }
        else
        {
            Activities.DispatchRetry(decision, activity);
        }
    }

    private static DateTimeOffset? TaskDeadline(WorkflowTask task) =>
        task.StartedTime is { } started ? started.After(task.Timeout)
        : task.ScheduleToStart is { } wait ? task.ScheduledTime.After(wait)
        : null;

    /// <summary>An activity's next deadline and the time-out that it means; no type means that a retry is to be dispatched.</summary>
    private static (DateTimeOffset? Due, TimeoutType? Type) ActivityDeadline(ActivityState activity)
    {
        if (activity is { Pause: not null, IsStarted: false })
        {
            return default;
        }

        var (due, type) = (activity.Expiration, (TimeoutType?)TimeoutType.ScheduleToClose);
        if (activity.StartedTime is { } started)
        {
            if (activity.StartToClose is { } limit && (due is null || started.After(limit) < due))
            {
                (due, type) = (started.After(limit), TimeoutType.StartToClose);
            }

            if (activity.Heartbeat is { } interval)
            {
                var late = (activity.HeartbeatTime ?? started).After(interval);
                if (due is null || late < due)
                {
                    (due, type) = (late, TimeoutType.Heartbeat);
                }
            }
        }
        else if (!activity.IsDispatched)
        {
            if (due is null || activity.ScheduledTime < due)
            {
                (due, type) = (activity.ScheduledTime, null);
            }
        }
        else if (activity.ScheduleToStart is { } limit && (due is null || activity.ScheduledTime.After(limit) < due))
        {
            (due, type) = (activity.ScheduledTime.After(limit), TimeoutType.ScheduleToStart);
        }

        return (due, due is null ? null : type);
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? left, DateTimeOffset? right) =>
        left is { } some && right is { } other ? some < other ? some : other : left ?? right;
}
