using Dispatch.Engine.Frontend;
using Google.Protobuf;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>Schedules activities and asks for their cancellation.</summary>
internal static class ActivityCommands
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadScheduleActivityAttributes;
    private const WorkflowTaskFailedCause BadCancel = WorkflowTaskFailedCause.BadRequestCancelActivityAttributes;

    /// <summary>What history says of an activity that was cancelled before anybody started it.</summary>
    private static readonly Payloads NotStarted = new()
    {
        Payloads_ =
        {
            new Payload
            {
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
                Data = ByteString.CopyFromUtf8("\"ACTIVITY_ID_NOT_STARTED\""),
            },
        },
    };

    public static void Schedule(CommandContext context, Command command)
    {
        var attributes = command.ScheduleActivityTaskCommandAttributes;
        CommandContext.Require(attributes is not null, Bad, "ScheduleActivityTaskCommandAttributes is not set on ScheduleActivityTaskCommand.");
        CommandContext.RequireName(attributes!.ActivityId, Bad, "ActivityId", nameof(CommandType.ScheduleActivityTask));
        CommandContext.RequireName(attributes.ActivityType?.Name, Bad, "ActivityType", nameof(CommandType.ScheduleActivityTask));
        CommandContext.Check(Bad, () =>
        {
            RequestValidation.Queue(attributes.TaskQueue);
            RetryPolicyRules.Check(attributes.RetryPolicy);
            StartRules.Priority(attributes.Priority);
            StartRules.NotNegative(attributes.ScheduleToCloseTimeout, "ScheduleToCloseTimeout");
            StartRules.NotNegative(attributes.ScheduleToStartTimeout, "ScheduleToStartTimeout");
            StartRules.NotNegative(attributes.StartToCloseTimeout, "StartToCloseTimeout");
            StartRules.NotNegative(attributes.HeartbeatTimeout, "HeartbeatTimeout");
        });
        CommandContext.Require(
            context.State.FindActivity(attributes.ActivityId) is null,
            WorkflowTaskFailedCause.ScheduleActivityDuplicateId,
            $"an activity with id {attributes.ActivityId} is pending");
        CommandContext.Require(
            context.State.Activities.Count < HistoryLimits.PendingActivitiesMax,
            WorkflowTaskFailedCause.PendingActivitiesLimitExceeded,
            $"the number of pending activities has reached {HistoryLimits.PendingActivitiesMax}");
        var (scheduleToClose, scheduleToStart, startToClose, heartbeat) = Timeouts(attributes, context.State.RunTimeout);
        var policy = RetryPolicies.Filled(attributes.RetryPolicy);
        var scheduled = new ActivityTaskScheduledEventAttributes
        {
            ActivityId = attributes.ActivityId,
            ActivityType = attributes.ActivityType,
            TaskQueue = Starting.Queue(attributes.TaskQueue!.Name),
            Header = attributes.Header,
            Input = attributes.Input,
            ScheduleToCloseTimeout = scheduleToClose.ToProto(),
            ScheduleToStartTimeout = scheduleToStart.ToProto(),
            StartToCloseTimeout = startToClose.ToProto(),
            HeartbeatTimeout = heartbeat.ToProto(),
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            RetryPolicy = policy,
            UseWorkflowBuildId = attributes.UseWorkflowBuildId,
            Priority = attributes.Priority,
        };
        var written = context.Add(command, new HistoryEvent { ActivityTaskScheduledEventAttributes = scheduled });
        var activity = new ActivityState
        {
            ScheduledEventId = written.EventId,
            Scheduled = scheduled,
            FirstScheduledTime = context.Decision.Now,
            ScheduledTime = context.Decision.Now,
            QueueName = scheduled.TaskQueue.Name,
            RetryPolicy = policy,
            ScheduleToClose = scheduleToClose,
            ScheduleToStart = scheduleToStart,
            StartToClose = startToClose,
            Heartbeat = heartbeat,
        };
        Activities.Put(context.Decision, activity);
        if (attributes.RequestEagerExecution && activity.QueueName == context.State.QueueName)
        {
            context.EagerActivities.Add(activity.ScheduledEventId);
        }
        else
        {
            Activities.Dispatch(context.Decision, activity);
        }
    }

    public static void RequestCancel(CommandContext context, Command command)
    {
        var scheduledEventId = command.RequestCancelActivityTaskCommandAttributes?.ScheduledEventId ?? 0;
        CommandContext.Require(scheduledEventId != 0, BadCancel, "ScheduledEventId is not set on RequestCancelActivityTaskCommand.");
        var found = context.State.Activities.TryGetValue(scheduledEventId, out var activity);
        var endedMeanwhile = context.State.Buffered.Any(buffered => Activities.IsEndOf(buffered, scheduledEventId));
        CommandContext.Require(
            endedMeanwhile || (found && !activity!.IsCancelRequested), BadCancel, $"no activity that could be cancelled has the scheduled event {scheduledEventId}");
        var requested = context.Add(command, new HistoryEvent
        {
            ActivityTaskCancelRequestedEventAttributes = new ActivityTaskCancelRequestedEventAttributes
            {
                ScheduledEventId = scheduledEventId,
                WorkflowTaskCompletedEventId = context.CompletedEventId,
            },
        });
        if (endedMeanwhile) return; // The task could not know of the end, which stands behind it: the request is noted and nothing comes of it.
        activity = activity! with { CancelRequestedEventId = requested.EventId };
        Activities.Put(context.Decision, activity);
        if (!activity.IsStarted)
        {
            context.EagerActivities.Remove(scheduledEventId);
            Activities.Cancel(context.Decision, activity, NotStarted, context.Identity);
        }
    }

    /// <summary>Derives the time-outs that weren't given, and caps all of them by the run's.</summary>
    private static (TimeSpan? ScheduleToClose, TimeSpan? ScheduleToStart, TimeSpan? StartToClose, TimeSpan? Heartbeat) Timeouts(
        ScheduleActivityTaskCommandAttributes attributes, TimeSpan? runTimeout)
    {
        var scheduleToClose = attributes.ScheduleToCloseTimeout.OrNone();
        var scheduleToStart = attributes.ScheduleToStartTimeout.OrNone();
        var startToClose = attributes.StartToCloseTimeout.OrNone();
        if (scheduleToClose is not null)
        {
            scheduleToClose = Durations.Cap(scheduleToClose, runTimeout);
            scheduleToStart = Durations.Cap(scheduleToStart, scheduleToClose);
            startToClose = Durations.Cap(startToClose, scheduleToClose);
        }
        else
        {
            CommandContext.Require(
                startToClose is not null,
                Bad,
                $"a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ActivityId={attributes.ActivityId} ActivityType={attributes.ActivityType.Name}");
            scheduleToClose = runTimeout;
            scheduleToStart = Durations.Cap(scheduleToStart, runTimeout);
            startToClose = Durations.Cap(startToClose, runTimeout);
        }

        var heartbeat = attributes.HeartbeatTimeout.OrNone();
        return (scheduleToClose, scheduleToStart, startToClose, heartbeat is null ? null : Durations.Cap(heartbeat, startToClose));
    }
}
