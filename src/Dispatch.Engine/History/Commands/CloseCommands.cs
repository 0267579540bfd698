using Dispatch.Engine.Frontend;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>The commands that end a run.</summary>
internal static class CloseCommands
{
    public static void Complete(CommandContext context, Command command)
    {
        var attributes = command.CompleteWorkflowExecutionCommandAttributes;
        CommandContext.Require(
            attributes is not null,
            WorkflowTaskFailedCause.BadCompleteWorkflowExecutionAttributes,
            "CompleteWorkflowExecutionCommandAttributes is not set on CompleteWorkflowExecutionCommand.");
        RequireNothingUnhandled(context);
        var successor = Chaining.AfterCompletion(context.Decision, attributes!.Result);
        Close(
            context,
            command,
            new HistoryEvent
            {
                WorkflowExecutionCompletedEventAttributes = new WorkflowExecutionCompletedEventAttributes
                {
                    Result = attributes.Result,
                    WorkflowTaskCompletedEventId = context.CompletedEventId,
                    NewExecutionRunId = successor?.RunId ?? "",
                },
            },
            WorkflowExecutionStatus.Completed,
            successor);
    }

    public static void Fail(CommandContext context, Command command)
    {
        var attributes = command.FailWorkflowExecutionCommandAttributes;
        CommandContext.Require(
            attributes?.Failure is not null,
            WorkflowTaskFailedCause.BadFailWorkflowExecutionAttributes,
            "Failure is not set on FailWorkflowExecutionCommand.");
        RequireNothingUnhandled(context);
        var (retryState, successor) = Chaining.AfterFailure(context.Decision, attributes!.Failure);
        Close(
            context,
            command,
            new HistoryEvent
            {
                WorkflowExecutionFailedEventAttributes = new WorkflowExecutionFailedEventAttributes
                {
                    Failure = attributes.Failure,
                    RetryState = retryState,
                    WorkflowTaskCompletedEventId = context.CompletedEventId,
                    NewExecutionRunId = successor?.RunId ?? "",
                },
            },
            WorkflowExecutionStatus.Failed,
            successor);
    }

    public static void Cancel(CommandContext context, Command command)
    {
        var attributes = command.CancelWorkflowExecutionCommandAttributes;
        CommandContext.Require(
            attributes is not null,
            WorkflowTaskFailedCause.BadCancelWorkflowExecutionAttributes,
            "CancelWorkflowExecutionCommandAttributes is not set on CancelWorkflowExecutionCommand.");
        RequireNothingUnhandled(context);
        Close(
            context,
            command,
            new HistoryEvent
            {
                WorkflowExecutionCanceledEventAttributes = new WorkflowExecutionCanceledEventAttributes
                {
                    Details = attributes!.Details,
                    WorkflowTaskCompletedEventId = context.CompletedEventId,
                },
            },
            WorkflowExecutionStatus.Canceled,
            null);
    }

    public static void ContinueAsNew(CommandContext context, Command command)
    {
        const WorkflowTaskFailedCause bad = WorkflowTaskFailedCause.BadContinueAsNewAttributes;
        var attributes = command.ContinueAsNewWorkflowExecutionCommandAttributes;
        CommandContext.Require(
            attributes is not null, bad, "ContinueAsNewWorkflowExecutionCommandAttributes is not set on ContinueAsNewWorkflowExecutionCommand.");
        CommandContext.Require(!RequestValidation.IsTooLong(attributes!.WorkflowType?.Name ?? ""), bad, "WorkflowType exceeds length limit.");
        CommandContext.Check(bad, () =>
        {
            StartRules.Timeouts(null, attributes.WorkflowRunTimeout, attributes.WorkflowTaskTimeout, delay: null);
            StartRules.NotNegative(attributes.BackoffStartInterval, "BackoffStartInterval");
            RetryPolicyRules.Check(attributes.RetryPolicy);
            StartRules.Cron(attributes.CronSchedule, delay: null);
        });
        var queue = context.Queue(attributes.TaskQueue, bad);
        var searchAttributes = CommandContext.Check(bad, () => context.Rules.CheckSearchAttributes(attributes.SearchAttributes));
        RequireNothingUnhandled(context);
        var successor = Chaining.ContinueAsNew(context.Decision, attributes, queue, searchAttributes);
        var next = successor.Attributes;
        Close(
            context,
            command,
            new HistoryEvent
            {
                WorkflowExecutionContinuedAsNewEventAttributes = new WorkflowExecutionContinuedAsNewEventAttributes
                {
                    NewExecutionRunId = successor.RunId,
                    WorkflowType = next.WorkflowType,
                    TaskQueue = next.TaskQueue,
                    Input = next.Input,
                    WorkflowRunTimeout = next.WorkflowRunTimeout,
                    WorkflowTaskTimeout = next.WorkflowTaskTimeout,
                    WorkflowTaskCompletedEventId = context.CompletedEventId,
                    BackoffStartInterval = attributes.BackoffStartInterval,
                    Initiator = attributes.Initiator,
                    Failure = attributes.Failure,
                    LastCompletionResult = attributes.LastCompletionResult,
                    Header = next.Header,
                    Memo = next.Memo,
                    SearchAttributes = next.SearchAttributes,
#pragma warning disable CS0612 // Deprecated and still sent: it is echoed.
                    InheritBuildId = attributes.InheritBuildId,
#pragma warning restore CS0612
                },
            },
            WorkflowExecutionStatus.ContinuedAsNew,
            successor);
    }

    private static void RequireNothingUnhandled(CommandContext context) =>
        CommandContext.Require(!context.HasUnhandledEvents, WorkflowTaskFailedCause.UnhandledCommand, "");

    private static void Close(
        CommandContext context, Command command, HistoryEvent closing, WorkflowExecutionStatus status, Successor? successor)
    {
        closing.UserMetadata = command.UserMetadata;
        closing.EventGroupMarkers.Add(command.EventGroupMarkers);
        Closing.Close(context.Decision, closing, status, successor?.RunId ?? "");
        Chaining.Begin(context.Decision, successor);
    }
}
