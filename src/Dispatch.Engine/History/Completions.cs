using Dispatch.Engine.Frontend;
using Dispatch.Engine.History.Commands;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.History;

/// <summary>What came of a completion.</summary>
/// <param name="Refusal">The failure was recorded, and this is what the worker is told; null when all went well.</param>
/// <param name="ReturnsTask">The next workflow task is started and goes back with the answer.</param>
/// <param name="EagerActivities">Activities that are started and go back with the answer.</param>
/// <param name="ResetHistoryEventId">The worker must forget events behind this one; 0 for none.</param>
internal sealed record CompletionOutcome(
    EngineException? Refusal, bool ReturnsTask, IReadOnlyList<long> EagerActivities, long ResetHistoryEventId)
{
    public static readonly CompletionOutcome Nothing = new(null, false, [], 0);
}

/// <summary>What a worker's completion of a workflow task does.</summary>
internal static class Completions
{
    private const string InlineRequestId = "request-from-RespondWorkflowTaskCompleted";

    /// <summary>Does all that a completion asks for, or fails the task when something of it can't be done.</summary>
    /// <exception cref="EngineException">The task isn't started any more, or the request makes no sense whatever the state.</exception>
    public static CompletionOutcome Complete(
        Decision decision, DecisionRules rules, TaskToken token, RespondWorkflowTaskCompletedRequest request)
    {
        var task = RequireTask(decision.State, token);
        CommandTable.CheckSequence(request.Commands);
        if (request.ForceCreateNewWorkflowTask && decision.Now - task.OriginalScheduledTime > HistoryLimits.TaskHeartbeatMax)
        {
            WorkflowTasks.TimeOutStarted(decision);
            return CompletionOutcome.Nothing with { Refusal = Refusals.NotFound("workflow task heartbeat timeout") };
        }

        var before = decision.Mark();
        try
        {
            return CanDiscard(decision.State, task, request)
                ? Discard(decision, request)
                : Apply(decision, rules, request);
        }
        catch (BadCommandException bad)
        {
            decision.ReturnTo(before);
            return FailTask(decision, task, bad, request.Identity);
        }
    }

    /// <summary>A worker says that it couldn't do its task.</summary>
    public static void Fail(Decision decision, TaskToken token, RespondWorkflowTaskFailedRequest request)
    {
        RequireTask(decision.State, token);
        if (request.Cause == WorkflowTaskFailedCause.GrpcMessageTooLarge)
        {
            Closing.Terminate(decision, nameof(WorkflowTaskFailedCause.GrpcMessageTooLarge), Closing.EngineIdentity);
            return;
        }

        var failure = Failures.Limited(request.Failure, HistoryLimits.BlobBytesMax, HistoryLimits.BlobBytesWarn, nonRetryable: true);
        WorkflowTasks.Fail(decision, request.Cause, failure, request.Identity);
    }

    private static CompletionOutcome Apply(Decision decision, DecisionRules rules, RespondWorkflowTaskCompletedRequest request)
    {
        WorkflowTasks.Materialise(decision, request.Identity);
        var task = decision.State.Task!;
        var completed = decision.Add(CompletedEvent(task, request));
        Remember(decision, task, completed, request);
        var context = new CommandContext(decision, rules, completed.EventId, request.Identity);
        Queries.Answer(decision, request.QueryResults);
        DoCommands(context, request);
        if (!decision.State.IsOpen)
        {
            return CompletionOutcome.Nothing;
        }

        Updates.RejectUnmentioned(decision);
        decision.State = decision.State with { Task = null };
        var flushed = decision.Flush();
        var original = request is { ForceCreateNewWorkflowTask: true, Commands.Count: 0, Messages.Count: 0 }
            ? task.OriginalScheduledTime
            : (DateTimeOffset?)null;
        if (flushed || request.ForceCreateNewWorkflowTask)
        {
            WorkflowTasks.Schedule(decision, original);
        }
        else if (Updates.Unsent(decision.State).Any())
        {
            WorkflowTasks.ScheduleSpeculative(decision);
        }

        return Finish(decision, request, HandOutEagerly(context));
    }

    /// <summary>Starts the next task at once when the worker asks for it; an idle run asks what is still to be asked directly.</summary>
    private static CompletionOutcome Finish(
        Decision decision, RespondWorkflowTaskCompletedRequest request, IReadOnlyList<long> eager, long resetHistoryEventId = 0)
    {
        var next = decision.State.Task;
        var returns = next is not null && request.ReturnNewWorkflowTask;
        if (returns)
        {
            decision.Withdraw<Effect.DispatchWorkflowTask>();
            var wasVolatile = decision.IsVolatile;
            WorkflowTasks.Start(decision, next!.Serial, InlineRequestId, request.Identity, isStickyPoll: true);
            decision.IsVolatile = wasVolatile;
        }
        else if (next is null)
        {
            Queries.Release(decision);
        }

        return new CompletionOutcome(null, returns, eager, resetHistoryEventId);
    }

    private static void DoCommands(CommandContext context, RespondWorkflowTaskCompletedRequest request)
    {
        var messages = request.Messages.ToList();
        foreach (var command in request.Commands)
        {
            if (command.CommandType != CommandType.ProtocolMessage)
            {
                if (!CommandTable.IsClosing(command.CommandType))
                {
                    CommandTable.Do(context, command);
                    continue;
                }

                // What the worker says of updates counts even where no command places it before the close.
                AnswerUpdates(context.Decision, messages);
                messages.Clear();
                CommandTable.Do(context, command);
                continue;
            }

            var messageId = command.ProtocolMessageCommandAttributes?.MessageId ?? "";
            var message = messages.Find(message => message.Id == messageId) ?? throw new BadCommandException(
                WorkflowTaskFailedCause.BadUpdateWorkflowExecutionMessage, $"ProtocolMessageCommand referenced absent message ID {messageId}");
            messages.Remove(message);
            Updates.Answer(context.Decision, message);
        }

        AnswerUpdates(context.Decision, messages);
    }

    private static void AnswerUpdates(Decision decision, IEnumerable<Message> messages)
    {
        foreach (var message in messages)
        {
            Updates.Answer(decision, message);
        }
    }

    /// <summary>A speculative task that brought nothing but rejections leaves no trace.</summary>
    private static bool CanDiscard(RunState state, WorkflowTask task, RespondWorkflowTaskCompletedRequest request)
    {
        if (task.Kind != WorkflowTaskKind.Speculative
            || request.Commands.Count > 0
            || request.ForceCreateNewWorkflowTask
            || request.Messages.Any(message => message.Body?.Is(Rejection.Descriptor) != true))
        {
            return false;
        }

        var carried = task.ScheduledEventId - state.LastStartedEventId - 2;
        return request.Capabilities?.DiscardSpeculativeWorkflowTaskWithEvents == true
            ? carried <= HistoryLimits.DiscardableEventsMax
            : carried == 0;
    }

    private static CompletionOutcome Discard(Decision decision, RespondWorkflowTaskCompletedRequest request)
    {
        decision.IsVolatile = true;
        foreach (var message in request.Messages)
        {
            Updates.Answer(decision, message);
        }

        Updates.RejectUnmentioned(decision);
        Queries.Answer(decision, request.QueryResults);
        decision.State = decision.State with { Task = null };
        if (Updates.Unsent(decision.State).Any())
        {
            WorkflowTasks.ScheduleSpeculative(decision);
        }

        return Finish(decision, request, [], decision.State.LastStartedEventId);
    }

    private static CompletionOutcome FailTask(Decision decision, WorkflowTask task, BadCommandException bad, string identity)
    {
        var refusal = EngineException.InvalidArgument(bad.Message);
        var outcome = CompletionOutcome.Nothing with { Refusal = refusal };
        if (bad.TerminatesRun)
        {
            WorkflowTasks.Fail(decision, bad.Cause, Failures.Server(bad.Message), identity);
            Closing.Terminate(decision, bad.Message, Closing.EngineIdentity);
            return outcome;
        }

        if (bad.Cause == WorkflowTaskFailedCause.BadUpdateWorkflowExecutionMessage)
        {
            Updates.AbortSent(decision);
        }

        if (task.Attempt > 1 && bad.Cause != WorkflowTaskFailedCause.UnhandledCommand)
        {
            // Not recorded: the task times out, which slows a broken worker down.
            return outcome;
        }

        decision.State = decision.State with { CloseAttempted = bad.Cause == WorkflowTaskFailedCause.UnhandledCommand };
        WorkflowTasks.Fail(decision, bad.Cause, Failures.Server(bad.Message), identity);
        return outcome;
    }

    private static List<long> HandOutEagerly(CommandContext context)
    {
        foreach (var scheduledEventId in context.EagerActivities)
        {
            Activities.Start(context.Decision, scheduledEventId, 0, context.Decision.Ids.NewId(), context.Identity);
        }

        return context.EagerActivities;
    }

    private static void Remember(
        Decision decision, WorkflowTask task, HistoryEvent completed, RespondWorkflowTaskCompletedRequest request)
    {
        var sticky = request.StickyAttributes;
        decision.State = decision.State with
        {
            LastStartedEventId = task.StartedEventId,
            NextTaskAttempt = 1,
            CloseAttempted = false,
            Sticky = sticky?.WorkerTaskQueue?.Name is { Length: > 0 } queue
                ? new StickyState(queue, sticky.ScheduleToStartTimeout.OrZero())
                : null,
            WorkerVersion = request.WorkerVersionStamp ?? decision.State.WorkerVersion,
        };
        ReportedProblems.Clear(decision);
        WorkerVersions.Record(decision, completed.EventId, request);
    }

    private static HistoryEvent CompletedEvent(WorkflowTask task, RespondWorkflowTaskCompletedRequest request)
    {
        var attributes = new WorkflowTaskCompletedEventAttributes
        {
            ScheduledEventId = task.ScheduledEventId,
            StartedEventId = task.StartedEventId,
            Identity = request.Identity,
            SdkMetadata = request.SdkMetadata,
            MeteringMetadata = request.MeteringMetadata,
            VersioningBehavior = request.VersioningBehavior,
        };
        attributes.BinaryChecksum = request.BinaryChecksum;
        attributes.WorkerVersion = request.WorkerVersionStamp;
        return new HistoryEvent { WorkflowTaskCompletedEventAttributes = attributes };
    }

    private static WorkflowTask RequireTask(RunState state, TaskToken token) =>
        state is { IsOpen: true, Task: { IsStarted: true } task } && task.Serial == token.Serial && task.StartedEventId == token.StartedEventId
            ? task
            : throw Refusals.NoWorkflowTask();
}
