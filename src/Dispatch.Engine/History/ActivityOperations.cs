using Dispatch.Engine.Frontend;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Activity.V1;

namespace Dispatch.Engine.History;

/// <summary>What operators do to pending activities.</summary>
internal static class ActivityOperations
{
    private const string PauseAttribute = "TemporalPauseInfo";

    /// <summary>The pending activities that an operator means.</summary>
    /// <exception cref="EngineException">There are none.</exception>
    public static IReadOnlyList<ActivityState> Find(RunState state, string id, string type, bool all = false)
    {
        Refusals.RequireOpen(state);
        ActivityState[] found = [.. state.Activities.Values.Where(activity =>
            all || (id.Length > 0 ? activity.ActivityId == id : activity.Scheduled.ActivityType.Name == type))];
        return found.Length > 0 || all
            ? found
            : throw Refusals.NotFound("Can't find pending activity with such ID. Invalid activityID or activity already completed");
    }

    /// <summary>Holds an activity: one that isn't running isn't handed out, one that is may finish but isn't retried.</summary>
    public static void Pause(Decision decision, ActivityState activity, string identity, string reason)
    {
        if (activity.Pause is not null)
        {
            return;
        }

        Activities.Put(decision, activity with
        {
            Pause = new ActivityPause(decision.Now, identity, reason),
            Stamp = activity.IsStarted ? activity.Stamp : activity.Stamp + 1,
        });
        ShowPauses(decision);
    }

    public static void Unpause(Decision decision, ActivityState activity, bool resetAttempts, bool resetHeartbeat)
    {
        if (activity.Pause is null)
        {
            return;
        }

        activity = activity with
        {
            Pause = null,
            Attempt = resetAttempts ? 1 : activity.Attempt,
            HeartbeatDetails = resetHeartbeat ? null : activity.HeartbeatDetails,
            LastHeartbeatTime = resetHeartbeat ? null : activity.LastHeartbeatTime,
        };
        Regenerate(decision, activity, decision.Now);
        ShowPauses(decision);
    }

    /// <summary>Begins an activity again with its first attempt.</summary>
    public static void Reset(Decision decision, ActivityState activity, bool keepPaused, bool resetHeartbeat, bool restoreOptions)
    {
        activity = restoreOptions ? Original(activity) : activity;
        activity = activity with
        {
            IsResetRequested = activity is { IsStarted: true, Attempt: 1 },
            Attempt = 1,
            HeartbeatDetails = resetHeartbeat ? null : activity.HeartbeatDetails,
            LastHeartbeatTime = resetHeartbeat ? null : activity.LastHeartbeatTime,
            Pause = keepPaused ? activity.Pause : null,
        };
        Regenerate(decision, activity, decision.Now);
        ShowPauses(decision);
    }

    /// <summary>Changes the options that a mask names, or puts back those that it was scheduled with.</summary>
    /// <exception cref="EngineException">The mask or a value makes no sense.</exception>
    public static ActivityState Update(Decision decision, ActivityState activity, ActivityOptions? options, FieldMask? mask, bool restores)
    {
        if (!restores)
        {
            if (mask is null || mask.Paths.Count == 0)
            {
                throw EngineException.InvalidArgument("UpdateMask is not provided");
            }

            if (options is null)
            {
                throw EngineException.InvalidArgument("ActivityOptions are not provided");
            }
        }

        var changed = restores ? Original(activity) : Changed(activity, options!, mask!);
        var due = changed.ScheduledTime;
        if (changed is { IsStarted: false, IsDispatched: false })
        {
            var (_, delay) = RetryPolicies.Next(changed.RetryPolicy, changed.Attempt, new(), decision.Now, null);
            due = (changed.LastAttemptCompleteTime ?? decision.Now).After(delay);
            changed = changed with { RetryInterval = delay, LastFailure = null };
        }

        Regenerate(decision, changed, due);
        return changed;
    }

    public static ActivityOptions Options(ActivityState activity, Temporalio.Api.TaskQueue.V1.TaskQueue queue) => new()
    {
        TaskQueue = queue,
        ScheduleToCloseTimeout = activity.ScheduleToClose.ToProto(),
        ScheduleToStartTimeout = activity.ScheduleToStart.ToProto(),
        StartToCloseTimeout = activity.StartToClose.ToProto(),
        HeartbeatTimeout = activity.Heartbeat.ToProto(),
        RetryPolicy = activity.RetryPolicy,
    };

    /// <summary>Lists show which types of activities are paused.</summary>
    public static void ShowPauses(Decision decision)
    {
        var state = decision.State;
        var paused = state.Activities.Values
            .Where(activity => activity.Pause is not null)
            .Select(activity => $"property:activityType={activity.Scheduled.ActivityType.Name}")
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        if (paused.Count == 0 && !state.SearchAttributes.ContainsKey(PauseAttribute))
        {
            return;
        }

        decision.State = state with
        {
            SearchAttributes = paused.Count == 0
                ? state.SearchAttributes.Remove(PauseAttribute)
                : state.SearchAttributes.SetItem(PauseAttribute, KeywordLists.Of(paused)),
        };
        decision.Do(new Effect.RecordVisibility(decision.State));
    }

    /// <summary>Voids what was handed out before and, unless it runs or is paused, hands the activity out anew.</summary>
    private static void Regenerate(Decision decision, ActivityState activity, DateTimeOffset due)
    {
        if (activity.IsStarted)
        {
            Activities.Put(decision, activity);
            return;
        }

        var isDue = due <= decision.Now;
        activity = activity with
        {
            Stamp = activity.Stamp + 1,
            ScheduledTime = due,
            IsDispatched = activity.Pause is null && isDue,
        };
        Activities.Put(decision, activity);
        if (activity.IsDispatched)
        {
            Activities.Dispatch(decision, activity);
        }
    }

    private static ActivityState Original(ActivityState activity) => activity with
    {
        QueueName = activity.Scheduled.TaskQueue.Name,
        RetryPolicy = activity.Scheduled.RetryPolicy,
        ScheduleToClose = activity.Scheduled.ScheduleToCloseTimeout.OrNone(),
        ScheduleToStart = activity.Scheduled.ScheduleToStartTimeout.OrNone(),
        StartToClose = activity.Scheduled.StartToCloseTimeout.OrNone(),
        Heartbeat = activity.Scheduled.HeartbeatTimeout.OrNone(),
    };

    private static ActivityState Changed(ActivityState activity, ActivityOptions options, FieldMask mask)
    {
        var merged = Options(activity, Starting.Queue(activity.QueueName)).Clone();
        new FieldMask { Paths = { mask.Paths.Where(path => FieldMask.IsValid(ActivityOptions.Descriptor, path)) } }
            .Merge(options, merged, new FieldMask.MergeOptions { ReplaceMessageFields = true, ReplacePrimitiveFields = true });
        StartRules.NotNegative(merged.ScheduleToCloseTimeout, "ScheduleToCloseTimeout");
        StartRules.NotNegative(merged.ScheduleToStartTimeout, "ScheduleToStartTimeout");
        StartRules.NotNegative(merged.StartToCloseTimeout, "StartToCloseTimeout");
        StartRules.NotNegative(merged.HeartbeatTimeout, "HeartbeatTimeout");
        RetryPolicyRules.Check(merged.RetryPolicy);
        return activity with
        {
            QueueName = merged.TaskQueue?.Name is { Length: > 0 } queue ? queue : activity.QueueName,
            RetryPolicy = RetryPolicies.Filled(merged.RetryPolicy),
            ScheduleToClose = merged.ScheduleToCloseTimeout.OrNone(),
            ScheduleToStart = merged.ScheduleToStartTimeout.OrNone(),
            StartToClose = merged.StartToCloseTimeout.OrNone(),
            Heartbeat = merged.HeartbeatTimeout.OrNone(),
        };
    }
}
