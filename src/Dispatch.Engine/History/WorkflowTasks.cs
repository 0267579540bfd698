using System.Collections.Immutable;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Dispatch.Engine.History;

/// <summary>The life of a workflow task: scheduled, started, failed, timed out. What a completion does is in <see cref="Completions"/>.</summary>
internal static class WorkflowTasks
{
    /// <summary>Makes sure that a workflow task is pending, unless the run is closed or its first task isn't due yet.</summary>
    /// <param name="decision">The decision to add to.</param>
    /// <param name="originalScheduledTime">When the chain of heartbeats began that this task goes on with.</param>
    public static void Schedule(Decision decision, DateTimeOffset? originalScheduledTime = null)
    {
        var state = decision.State;
        if (!state.IsOpen || state.Task is not null || state.IsInBackoff)
        {
            return;
        }

        var task = New(decision, state.NextTaskAttempt > 1 ? WorkflowTaskKind.Transient : WorkflowTaskKind.Normal) with
        {
            ScheduleToStart = state.Sticky?.ScheduleToStart,
        };
        task = task with { OriginalScheduledTime = originalScheduledTime ?? task.ScheduledTime };
        if (task.IsWritten)
        {
            decision.Add(ScheduledEvent(task));
        }

        decision.State = decision.State with { Task = task, LastTaskSerial = task.Serial };
        Dispatch(decision);
    }

    /// <summary>Schedules a task for updates of an idle run: it is in no history until it is completed.</summary>
    public static void ScheduleSpeculative(Decision decision)
    {
        var state = decision.State;
        var task = New(decision, WorkflowTaskKind.Speculative) with
        {
            ScheduleToStart = state.Sticky?.ScheduleToStart ?? HistoryLimits.SpeculativeScheduleToStart,
        };
        decision.State = state with { Task = task, LastTaskSerial = task.Serial };
        Dispatch(decision);
    }

    /// <summary>Hands the task to a worker.</summary>
    /// <returns>False when the task is no longer there to be started.</returns>
    public static bool Start(Decision decision, long serial, string requestId, string identity, bool isStickyPoll)
    {
        var state = decision.State;
        if (!state.IsOpen || state.Task is not { } task || task.Serial != serial || task.IsStarted)
        {
            return false;
        }

        decision.IsVolatile = task.Kind == WorkflowTaskKind.Speculative;
        if (!isStickyPoll && state.Sticky is not null)
        {
            decision.State = state = state with { Sticky = null };
        }

        if (!task.IsWritten && task.ScheduledEventId != state.NextEventId)
        {
            // Events came in since: what was a retry is a first attempt at them, and is written as scheduled only now.
            task = task with { Kind = WorkflowTaskKind.Normal, Attempt = 1 };
            var scheduled = ScheduledEvent(task);
            scheduled.EventTime = decision.Now.ToProto();
            task = task with { ScheduledEventId = decision.Add(scheduled).EventId };
            state = decision.State with { NextTaskAttempt = 1 };
        }

        task = task with
        {
            StartedTime = decision.Now,
            StartedEventId = task.ScheduledEventId + 1,
            RequestId = requestId,
            Identity = identity,
            HistoryBytes = state.HistoryBytes,
            SuggestReasons = [.. Suggestions.Of(state)],
        };
        decision.State = state;
        if (task.IsWritten)
        {
            task = task with { StartedEventId = decision.Add(StartedEvent(task, task.Identity)).EventId };
        }

        var unsent = Updates.Unsent(decision.State).Select(update => update.UpdateId).ToImmutableList();
        decision.State = decision.State with { Task = task with { SentUpdates = unsent } };
        Updates.MarkSent(decision, unsent);
        return true;
    }

    /// <summary>Writes the events of a transient or speculative task, as of when they happened.</summary>
    /// <param name="decision">The decision to add to.</param>
    /// <param name="identity">The worker, where it is known from its answer; who took the task wasn't noted.</param>
    public static void Materialise(Decision decision, string identity = "")
    {
        var task = decision.State.Task!;
        if (task.IsWritten)
        {
            return;
        }

        var scheduled = decision.Add(ScheduledEvent(task));
        task = task with { Kind = WorkflowTaskKind.Normal, ScheduledEventId = scheduled.EventId };
        if (task.IsStarted)
        {
            task = task with { StartedEventId = decision.Add(StartedEvent(task, identity)).EventId };
        }

        decision.State = decision.State with { Task = task };
    }

    /// <summary>Ends the started task as failed, writes what was buffered and schedules the next one.</summary>
    public static void Fail(Decision decision, WorkflowTaskFailedCause cause, Failure? failure, string identity, bool isForced = false)
    {
        var task = decision.State.Task!;
        if (task.Kind == WorkflowTaskKind.Speculative)
        {
            Materialise(decision, identity);
            task = decision.State.Task!;
        }

        if (task.IsWritten)
        {
            decision.Add(new HistoryEvent
            {
                WorkflowTaskFailedEventAttributes = new WorkflowTaskFailedEventAttributes
                {
                    ScheduledEventId = task.ScheduledEventId,
                    StartedEventId = task.StartedEventId,
                    Cause = cause,
                    Failure = failure,
                    Identity = identity,
                },
            });
        }

        ReportedProblems.Note(decision, task, "WorkflowTaskFailed", cause.ToString());
        End(decision, isForced || decision.State.Sticky is not null ? 1 : task.Attempt + 1);
    }

    /// <summary>Nobody took the sticky or speculative task in time: the next one is on the normal queue.</summary>
    public static void TimeOutScheduled(Decision decision)
    {
        if (decision.State.Task!.Kind == WorkflowTaskKind.Speculative)
        {
            Materialise(decision);
        }

        var task = decision.State.Task!;
        if (task.IsWritten)
        {
            decision.Add(TimedOutEvent(task, TimeoutType.ScheduleToStart));
        }

        End(decision, task.Attempt);
    }

    /// <summary>The worker that took the task is silent.</summary>
    public static void TimeOutStarted(Decision decision)
    {
        if (decision.State.Task!.Kind == WorkflowTaskKind.Speculative)
        {
            Materialise(decision);
        }

        var task = decision.State.Task!;
        if (task.IsWritten)
        {
            decision.Add(TimedOutEvent(task, TimeoutType.StartToClose));
        }

        ReportedProblems.Note(decision, task, "WorkflowTaskTimedOut", nameof(TimeoutType.StartToClose));
        End(decision, decision.State.Sticky is not null ? 1 : task.Attempt + 1);
    }

    /// <summary>The events that a worker must see although history doesn't have them (yet).</summary>
    /// <param name="state">The run.</param>
    /// <param name="identity">The worker, when it is the one that asks.</param>
    public static IEnumerable<HistoryEvent> VirtualEvents(RunState state, string identity = "")
    {
        if (!state.IsOpen || state.Task is not { IsWritten: false } task || task.ScheduledEventId != state.NextEventId)
        {
            yield break;
        }

        yield return Numbered(ScheduledEvent(task), task.ScheduledEventId);
        if (task.IsStarted)
        {
            yield return Numbered(StartedEvent(task, identity), task.StartedEventId);
        }
    }

    /// <summary>Offers the pending task again, on the queue that it has now.</summary>
    public static void Dispatch(Decision decision)
    {
        var state = decision.State;
        var task = state.Task!;
        decision.Do(new Effect.DispatchWorkflowTask(
            task.Serial, task.Queue.Name, task.Queue.Kind == TaskQueueKind.Sticky, state.QueueName, state.Start.Priority?.PriorityKey ?? 0));
    }

    private static void End(Decision decision, int nextAttempt)
    {
        Updates.ReturnSent(decision);
        decision.State = decision.State with { Task = null, Sticky = null };
        var flushed = decision.Flush();
        decision.State = decision.State with { NextTaskAttempt = flushed ? 1 : nextAttempt };
        Schedule(decision);
    }

    private static WorkflowTask New(Decision decision, WorkflowTaskKind kind)
    {
        var state = decision.State;
        return new WorkflowTask
        {
            Serial = state.LastTaskSerial + 1,
            Kind = kind,
            ScheduledEventId = state.NextEventId,
            Attempt = state.NextTaskAttempt,
            ScheduledTime = decision.Now,
            OriginalScheduledTime = decision.Now,
            Timeout = state.TaskTimeout + RetryDelay(state.NextTaskAttempt),
            Queue = state.Sticky is { } sticky
                ? new TaskQueue { Name = sticky.QueueName, Kind = TaskQueueKind.Sticky, NormalName = state.QueueName }
                : new TaskQueue { Name = state.QueueName, Kind = TaskQueueKind.Normal },
        };
    }

    /// <summary>From the fourth attempt on a task may take longer and longer, so that a broken worker is asked ever more seldom.</summary>
    private static TimeSpan RetryDelay(int attempt)
    {
        if (attempt <= HistoryLimits.FailingTaskAttempts)
        {
            return TimeSpan.Zero;
        }

        var doublings = Math.Min(attempt - HistoryLimits.FailingTaskAttempts - 1, 16);
        return Durations.Min(HistoryLimits.TaskRetryFirst * Math.Pow(2, doublings), HistoryLimits.TaskRetryMax);
    }

    private static HistoryEvent Numbered(HistoryEvent happened, long id)
    {
        happened.EventId = id;
        happened.EventType = EventTypes.Of(happened);
        return happened;
    }

    private static HistoryEvent ScheduledEvent(WorkflowTask task) => new()
    {
        EventTime = task.ScheduledTime.ToProto(),
        WorkflowTaskScheduledEventAttributes = new WorkflowTaskScheduledEventAttributes
        {
            TaskQueue = task.Queue,
            StartToCloseTimeout = task.Timeout.ToProto(),
            Attempt = task.Attempt,
        },
    };

    private static HistoryEvent StartedEvent(WorkflowTask task, string identity) => new()
    {
        EventTime = task.StartedTime.ToProto(),
        WorkflowTaskStartedEventAttributes = new WorkflowTaskStartedEventAttributes
        {
            ScheduledEventId = task.ScheduledEventId,
            Identity = identity,
            RequestId = task.RequestId,
            SuggestContinueAsNew = !task.SuggestReasons.IsEmpty,
            SuggestContinueAsNewReasons = { task.SuggestReasons },
            HistorySizeBytes = task.HistoryBytes,
        },
    };

    private static HistoryEvent TimedOutEvent(WorkflowTask task, TimeoutType type) => new()
    {
        WorkflowTaskTimedOutEventAttributes = new WorkflowTaskTimedOutEventAttributes
        {
            ScheduledEventId = task.ScheduledEventId,
            StartedEventId = task.StartedEventId,
            TimeoutType = type,
        },
    };
}
