using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>Starts and cancels timers.</summary>
internal static class TimerCommands
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadStartTimerAttributes;
    private const WorkflowTaskFailedCause BadCancel = WorkflowTaskFailedCause.BadCancelTimerAttributes;

    public static void Start(CommandContext context, Command command)
    {
        var attributes = command.StartTimerCommandAttributes;
        CommandContext.RequireName(attributes?.TimerId, Bad, "TimerId", nameof(CommandType.StartTimer));
        CommandContext.Require(
            !attributes!.StartToFireTimeout.IsNegative(),
            Bad,
            $"An invalid StartToFireTimeout is set on StartTimerCommand: negative duration. TimerId={attributes.TimerId}");
        CommandContext.Require(
            !context.State.Timers.ContainsKey(attributes.TimerId),
            WorkflowTaskFailedCause.StartTimerDuplicateId,
            $"a timer with id {attributes.TimerId} is pending");
        var written = context.Add(command, new HistoryEvent
        {
            TimerStartedEventAttributes = new TimerStartedEventAttributes
            {
                TimerId = attributes.TimerId,
                StartToFireTimeout = attributes.StartToFireTimeout,
                WorkflowTaskCompletedEventId = context.CompletedEventId,
            },
        });
        var timer = new TimerState(
            attributes.TimerId, written.EventId, context.Decision.Now.After(attributes.StartToFireTimeout.OrZero()));
        context.State = context.State with { Timers = context.State.Timers.Add(timer.TimerId, timer) };
    }

    /// <summary>Cancels a timer, also one that has fired while this task was started: its fire is taken back.</summary>
    public static void Cancel(CommandContext context, Command command)
    {
        var timerId = command.CancelTimerCommandAttributes?.TimerId ?? "";
        CommandContext.RequireName(timerId, BadCancel, "TimerId", nameof(CommandType.CancelTimer));
        long startedEventId;
        if (context.State.Timers.TryGetValue(timerId, out var timer))
        {
            startedEventId = timer.StartedEventId;
            context.State = context.State with { Timers = context.State.Timers.Remove(timerId) };
        }
        else
        {
            var fired = context.State.Buffered.Find(buffered => buffered.TimerFiredEventAttributes?.TimerId == timerId);
            CommandContext.Require(fired is not null, BadCancel, $"no timer with id {timerId} is pending");
            startedEventId = fired!.TimerFiredEventAttributes.StartedEventId;
            context.State = context.State with { Buffered = context.State.Buffered.Remove(fired) };
        }

        context.Add(command, new HistoryEvent
        {
            TimerCanceledEventAttributes = new TimerCanceledEventAttributes
            {
                TimerId = timerId,
                StartedEventId = startedEventId,
                WorkflowTaskCompletedEventId = context.CompletedEventId,
                Identity = context.Identity,
            },
        });
    }
}
