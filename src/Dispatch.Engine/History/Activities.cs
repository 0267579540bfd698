using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>The life of an activity after it was scheduled. Its Started event is written together with its close.</summary>
internal static class Activities
{
    /// <summary>Hands an attempt to a worker.</summary>
    /// <returns>The activity; null when that attempt is no longer there to be started.</returns>
    public static ActivityState? Start(Decision decision, long scheduledEventId, int stamp, string requestId, string identity)
    {
        if (!decision.State.IsOpen
            || !decision.State.Activities.TryGetValue(scheduledEventId, out var activity)
            || activity.Stamp != stamp
            || activity.IsStarted
            || activity.Pause is not null)
        {
            return null;
        }

        activity = activity with
        {
            StartedTime = decision.Now,
            RequestId = requestId,
            Identity = identity,
            LastWorkerIdentity = identity,
            LastFailure = activity.Attempt == 1 ? null : activity.LastFailure,
            HeartbeatTime = null,
        };
        Put(decision, activity);
        return activity;
    }

    /// <summary>An attempt is alive. Details that are too large fail it.</summary>
    public static ActivityState Heartbeat(Decision decision, ActivityState activity, Payloads? details, string identity)
    {
        if (details is not null && details.CalculateSize() > HistoryLimits.BlobBytesMax)
        {
            Fail(decision, activity, Failures.Server("Heartbeat details exceed size limit.", nonRetryable: true), identity);
            return activity with { CancelRequestedEventId = -1 };
        }

        activity = activity with
        {
            HeartbeatDetails = details,
            HeartbeatTime = decision.Now,
            LastHeartbeatTime = decision.Now,
            LastWorkerIdentity = identity.Length > 0 ? identity : activity.LastWorkerIdentity,
        };
        Put(decision, activity);
        return activity;
    }

    /// <summary>Whether an event is the result, the failure or the time-out of an activity.</summary>
    public static bool IsEndOf(HistoryEvent happened, long scheduledEventId) => scheduledEventId == (happened.ActivityTaskCompletedEventAttributes?.ScheduledEventId
        ?? happened.ActivityTaskFailedEventAttributes?.ScheduledEventId ?? happened.ActivityTaskTimedOutEventAttributes?.ScheduledEventId);

    public static void Complete(Decision decision, ActivityState activity, Payloads? result, string identity)
    {
        if (result is not null && result.CalculateSize() > HistoryLimits.BlobBytesMax)
        {
            Fail(decision, activity, Failures.Server("Complete result exceeds size limit.", nonRetryable: true), identity);
            return;
        }

        Close(decision, activity, started => new HistoryEvent
        {
            ActivityTaskCompletedEventAttributes = new ActivityTaskCompletedEventAttributes
            {
                Result = result,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                Identity = identity,
            },
        });
    }

    /// <summary>An attempt has failed: there is another one, or the activity has failed.</summary>
    public static void Fail(Decision decision, ActivityState activity, Failure? failure, string identity)
    {
        failure = Failures.Limited(failure, HistoryLimits.BlobBytesMax, HistoryLimits.BlobBytesWarn, nonRetryable: true);

        var retryState = Retry(decision, activity, failure, isAnswer: true);
        if (retryState == RetryState.InProgress)
        {
            return;
        }

        Close(decision, activity, started => new HistoryEvent
        {
            ActivityTaskFailedEventAttributes = new ActivityTaskFailedEventAttributes
            {
                Failure = failure,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                Identity = identity,
                RetryState = retryState,
            },
        });
    }

    public static void Cancel(Decision decision, ActivityState activity, Payloads? details, string identity)
    {
        if (details is not null && details.CalculateSize() > HistoryLimits.BlobBytesMax)
        {
            Fail(decision, activity, Failures.Server("Cancel details exceed size limit.", nonRetryable: true), identity);
            return;
        }

        Close(decision, activity, started => new HistoryEvent
        {
            ActivityTaskCanceledEventAttributes = new ActivityTaskCanceledEventAttributes
            {
                Details = details,
                LatestCancelRequestedEventId = activity.CancelRequestedEventId,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                Identity = identity,
            },
        });
    }

    /// <summary>One of the four time-outs has passed.</summary>
    public static void TimeOut(Decision decision, ActivityState activity, TimeoutType type)
    {
        var failure = TimeoutFailure(activity, type);
        var retryState = type is TimeoutType.StartToClose or TimeoutType.Heartbeat
            ? Retry(decision, activity, failure, isAnswer: false)
            : activity.IsCancelRequested ? RetryState.CancelRequested : RetryState.Timeout;
        if (retryState == RetryState.InProgress)
        {
            return;
        }

        if (retryState == RetryState.Timeout && type is (TimeoutType.StartToClose or TimeoutType.Heartbeat))
        {
            failure = TimeoutFailure(activity, TimeoutType.ScheduleToClose);
        }

        Close(decision, activity, started => new HistoryEvent
        {
            ActivityTaskTimedOutEventAttributes = new ActivityTaskTimedOutEventAttributes
            {
                Failure = failure,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                RetryState = retryState,
            },
        });
    }

    /// <summary>The back-off before a retry is over.</summary>
    public static void DispatchRetry(Decision decision, ActivityState activity)
    {
        activity = activity with { IsDispatched = true };
        Put(decision, activity);
        Dispatch(decision, activity);
    }

    public static void Dispatch(Decision decision, ActivityState activity) =>
        decision.Do(new Effect.DispatchActivity(
            activity.ScheduledEventId, activity.Stamp, activity.QueueName, EffectivePriority(decision.State, activity)?.PriorityKey ?? 0));

    /// <summary>The activity's priority, with gaps filled from the workflow's.</summary>
    public static Priority? EffectivePriority(RunState state, ActivityState activity)
    {
        var own = activity.Scheduled.Priority;
        var inherited = state.Start.Priority;
        if (own is null || inherited is null)
        {
            return own ?? inherited;
        }

        return new Priority
        {
            PriorityKey = own.PriorityKey != 0 ? own.PriorityKey : inherited.PriorityKey,
            FairnessKey = own.FairnessKey.Length > 0 ? own.FairnessKey : inherited.FairnessKey,
            FairnessWeight = own.FairnessWeight != 0 ? own.FairnessWeight : inherited.FairnessWeight,
        };
    }

    /// <summary>Takes the activity out and writes its end, after the start that wasn't written yet.</summary>
    public static void Close(Decision decision, ActivityState activity, Func<long, HistoryEvent> closing)
    {
        var started = activity.IsStarted ? decision.Add(StartedEvent(activity)).EventId : 0;
        decision.State = decision.State with { Activities = decision.State.Activities.Remove(activity.ScheduledEventId) };
        decision.Add(closing(started));
        if (activity.Pause is not null)
        {
            ActivityOperations.ShowPauses(decision);
        }

        WorkflowTasks.Schedule(decision);
    }

    public static void Put(Decision decision, ActivityState activity) =>
        decision.State = decision.State with { Activities = decision.State.Activities.SetItem(activity.ScheduledEventId, activity) };

    private static RetryState Retry(Decision decision, ActivityState activity, Failure? failure, bool isAnswer)
    {
        if (activity.IsCancelRequested)
        {
            return RetryState.CancelRequested;
        }

        var (state, delay) = RetryPolicies.Next(activity.RetryPolicy, activity.Attempt, failure, decision.Now, activity.Expiration);
        if (state != RetryState.InProgress)
        {
            return state;
        }

        Put(decision, activity with
        {
            Attempt = activity.IsResetRequested ? 1 : activity.Attempt + 1,
            IsResetRequested = false,
            Stamp = activity.Stamp + 1,
            ScheduledTime = activity.Pause is null ? decision.Now.After(delay) : activity.ScheduledTime,
            IsDispatched = false,
            StartedTime = null,
            RequestId = "",
            Identity = "",
            LastFailure = Failures.Limited(failure, HistoryLimits.RetryFailureBytesMax, HistoryLimits.RetryFailureBytesMax / 2, nonRetryable: false),
            LastAttemptCompleteTime = isAnswer ? decision.Now : activity.LastAttemptCompleteTime,
            RetryInterval = delay,
        });
        return RetryState.InProgress;
    }

    private static HistoryEvent StartedEvent(ActivityState activity) => new()
    {
        EventTime = activity.StartedTime.ToProto(),
        ActivityTaskStartedEventAttributes = new ActivityTaskStartedEventAttributes
        {
            ScheduledEventId = activity.ScheduledEventId,
            Identity = activity.Identity,
            RequestId = activity.RequestId,
            Attempt = activity.Attempt,
            LastFailure = activity.LastFailure,
        },
    };

    private static Failure TimeoutFailure(ActivityState activity, TimeoutType type) => new()
    {
        Message = type == TimeoutType.ScheduleToClose
            ? "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying"
            : $"activity {type} timeout",
        Source = "Server",
        Cause = type is TimeoutType.ScheduleToClose or TimeoutType.ScheduleToStart ? activity.LastFailure : null,
        TimeoutFailureInfo = new TimeoutFailureInfo { TimeoutType = type, LastHeartbeatDetails = activity.HeartbeatDetails },
    };
}
