using Dispatch.Engine.History;
using Google.Protobuf;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Dispatch.Engine.Tests.History;

/// <summary>Commands that can't be done, and what is too large to be kept.</summary>
public class CommandRulesTests
{
    private static readonly string Long = new('x', 1_001);
    private static readonly Payloads Large = new() { Payloads_ = { new Payload { Data = ByteString.CopyFrom(new byte[HistoryLimits.BlobBytesMax]) } } };

    public static TheoryData<string, WorkflowTaskFailedCause> Bad() => new()
    {
        { "activity id", WorkflowTaskFailedCause.BadScheduleActivityAttributes },
        { "activity type", WorkflowTaskFailedCause.BadScheduleActivityAttributes },
        { "activity queue", WorkflowTaskFailedCause.BadScheduleActivityAttributes },
        { "activity priority", WorkflowTaskFailedCause.BadScheduleActivityAttributes },
        { "activity heartbeat", WorkflowTaskFailedCause.BadScheduleActivityAttributes },
        { "timer id", WorkflowTaskFailedCause.BadStartTimerAttributes },
        { "cancelled timer", WorkflowTaskFailedCause.BadCancelTimerAttributes },
        { "marker", WorkflowTaskFailedCause.BadRecordMarkerAttributes },
        { "child id", WorkflowTaskFailedCause.BadStartChildExecutionAttributes },
        { "child time-out", WorkflowTaskFailedCause.BadStartChildExecutionAttributes },
        { "child queue", WorkflowTaskFailedCause.BadStartChildExecutionAttributes },
        { "child priority", WorkflowTaskFailedCause.BadStartChildExecutionAttributes },
        { "child cron", WorkflowTaskFailedCause.BadStartChildExecutionAttributes },
        { "signal", WorkflowTaskFailedCause.BadSignalWorkflowExecutionAttributes },
        { "cancel", WorkflowTaskFailedCause.BadRequestCancelExternalWorkflowExecutionAttributes },
        { "continue type", WorkflowTaskFailedCause.BadContinueAsNewAttributes },
        { "continue queue", WorkflowTaskFailedCause.BadContinueAsNewAttributes },
        { "continue cron", WorkflowTaskFailedCause.BadContinueAsNewAttributes },
        { "continue back-off", WorkflowTaskFailedCause.BadContinueAsNewAttributes },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_command_that_cannot_be_done_fails_its_task_with_the_cause_of_its_kind(string what, WorkflowTaskFailedCause cause)
    {
        var minus = TimeSpan.FromSeconds(-1).ToProto();
        var command = what switch
        {
            "activity id" => Commands.Activity(Long),
            "activity type" => Commands.Activity("a", activity => activity.ActivityType.Name = Long),
            "activity queue" => Commands.Activity("a", activity => activity.TaskQueue.Name = "/_sys/queue"),
            "activity priority" => Commands.Activity("a", activity => activity.Priority = new Priority { PriorityKey = -1 }),
            "activity heartbeat" => Commands.Activity("a", activity => activity.HeartbeatTimeout = minus),
            "timer id" => Commands.Timer(Long, 1),
            "cancelled timer" => Commands.CancelTimer(Long),
            "marker" => Commands.Marker(Long),
            "child id" => Child(child => child.WorkflowId = Long),
            "child time-out" => Child(child => child.WorkflowRunTimeout = minus),
            "child queue" => Child(child => child.TaskQueue = new() { Name = Long }),
            "child priority" => Child(child => child.Priority = new Priority { PriorityKey = -1 }),
            "child cron" => Child(child => child.CronSchedule = "whenever"),
            "signal" => new Command
            {
                CommandType = CommandType.SignalExternalWorkflowExecution,
                SignalExternalWorkflowExecutionCommandAttributes = new() { Execution = new() { WorkflowId = Long }, SignalName = "s" },
            },
            "cancel" => new Command
            {
                CommandType = CommandType.RequestCancelExternalWorkflowExecution,
                RequestCancelExternalWorkflowExecutionCommandAttributes = new() { WorkflowId = Long },
            },
            "continue type" => Continue(next => next.WorkflowType = new() { Name = Long }),
            "continue queue" => Continue(next => next.TaskQueue = new() { Name = "/_sys/queue" }),
            "continue cron" => Continue(next => next.CronSchedule = "whenever"),
            _ => Continue(next => next.BackoffStartInterval = minus),
        };
        var run = new ScriptedRun();
        run.TakeTask();

        var outcome = run.Complete(command);

        Assert.StartsWith(cause.ToString(), outcome.Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(cause, run.Events.Single(happened => happened.EventType == EventType.WorkflowTaskFailed).WorkflowTaskFailedEventAttributes.Cause);
        Assert.StartsWith("Started S St F", run.Story, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("heartbeat")]
    [InlineData("cancel")]
    [InlineData("result")]
    [InlineData("failure")]
    public void What_an_activity_tells_may_not_be_too_large(string what)
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Activity("a"));
        var activity = run.StartActivity("a");

        run.Decide(decision =>
        {
            switch (what)
            {
                case "heartbeat":
                    Assert.True(Activities.Heartbeat(decision, activity, Large, "worker").IsCancelRequested);
                    break;
                case "cancel":
                    Activities.Cancel(decision, activity with { CancelRequestedEventId = 5 }, Large, "worker");
                    break;
                case "result":
                    Activities.Complete(decision, activity, Large, "worker");
                    break;
                default:
                    Activities.Fail(decision, activity, Broken(3 * 1024 * 1024), "worker");
                    break;
            }
        });

        var failure = run.Events.Single(happened => happened.EventType == EventType.ActivityTaskFailed).ActivityTaskFailedEventAttributes.Failure;
        Assert.True(failure.ServerFailureInfo.NonRetryable);
        Assert.Contains("exceed", failure.Message, StringComparison.Ordinal);
        Assert.Equal(what == "failure" ? HistoryLimits.BlobBytesWarn : 0, failure.Cause?.Message.Length ?? 0);
    }

    [Fact]
    public void A_large_failure_of_an_attempt_that_is_retried_is_kept_shortened_with_its_type()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Activity("a"));
        var activity = run.StartActivity("a");

        run.Decide(decision => Activities.Fail(decision, activity, Broken(10_000), "worker"));

        var kept = run.State.FindActivity("a")!.LastFailure!;
        Assert.False(kept.ServerFailureInfo.NonRetryable);
        Assert.Equal("Broken", kept.Cause.ApplicationFailureInfo.Type);
        Assert.Equal(HistoryLimits.RetryFailureBytesMax / 2, kept.Cause.Message.Length);
    }

    [Fact]
    public void An_activity_may_fail_without_a_failure()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Activity("a", activity => activity.RetryPolicy = new RetryPolicy { MaximumAttempts = 1 }));
        var activity = run.StartActivity("a");

        run.Decide(decision => Activities.Fail(decision, activity, null, "worker"));

        Assert.Equal(
            RetryState.MaximumAttemptsReached,
            run.Events.Single(happened => happened.EventType == EventType.ActivityTaskFailed).ActivityTaskFailedEventAttributes.RetryState);
    }

    private static Failure Broken(int size) =>
        new() { Message = new string('x', size), ApplicationFailureInfo = new ApplicationFailureInfo { Type = "Broken" }, Cause = new Failure { Message = "why" } };

    private static Command Child(Action<StartChildWorkflowExecutionCommandAttributes> change)
    {
        var attributes = new StartChildWorkflowExecutionCommandAttributes { WorkflowId = "child", WorkflowType = new() { Name = "Flow" } };
        change(attributes);
        return new Command { CommandType = CommandType.StartChildWorkflowExecution, StartChildWorkflowExecutionCommandAttributes = attributes };
    }

    private static Command Continue(Action<ContinueAsNewWorkflowExecutionCommandAttributes> change)
    {
        var attributes = new ContinueAsNewWorkflowExecutionCommandAttributes();
        change(attributes);
        return new Command { CommandType = CommandType.ContinueAsNewWorkflowExecution, ContinueAsNewWorkflowExecutionCommandAttributes = attributes };
    }
}
