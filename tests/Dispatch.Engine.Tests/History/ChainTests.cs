using Dispatch.Engine.History;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Dispatch.Engine.Tests.History;

public class ChainTests
{
    [Fact]
    public void A_run_time_out_closes_the_run()
    {
        var run = new ScriptedRun(start => start.WorkflowRunTimeout = TimeSpan.FromSeconds(5).ToProto());
        run.TakeTask();
        run.Wait(5);
        Assert.Equal("Started S St F TimedOut", run.Story);
        Assert.Equal(RetryState.RetryPolicyNotSet, run.Events[^1].WorkflowExecutionTimedOutEventAttributes.RetryState);
    }

    [Fact]
    public void An_execution_time_out_is_not_retried()
    {
        var run = new ScriptedRun(start =>
        {
            start.WorkflowExecutionTimeout = TimeSpan.FromSeconds(5).ToProto();
            start.RetryPolicy = RetryPolicies.Filled(null);
        });
        run.Wait(5);
        Assert.Equal("Started S TimedOut", run.Story);
        Assert.Null(run.Successor);
    }

    [Theory]
    [InlineData(ContinueAsNewInitiator.Retry)]
    [InlineData(ContinueAsNewInitiator.CronSchedule)]
    public void The_run_after_a_time_out_is_told_of_it(ContinueAsNewInitiator initiator)
    {
        var run = new ScriptedRun(start =>
        {
            start.WorkflowRunTimeout = TimeSpan.FromSeconds(5).ToProto();
            start.RetryPolicy = initiator == ContinueAsNewInitiator.Retry ? RetryPolicies.Filled(null) : null;
            start.CronSchedule = initiator == ContinueAsNewInitiator.Retry ? "" : "@every 1h";
        });
        run.Wait(5);
        Assert.Equal(initiator, run.Successor!.Start.Initiator);
        Assert.Equal(
            new Failure { Message = "workflow timeout", Source = "Server", TimeoutFailureInfo = new TimeoutFailureInfo { TimeoutType = TimeoutType.StartToClose } },
            run.Successor.Start.ContinuedFailure);
    }

    [Fact]
    public void A_failed_run_with_a_policy_goes_on_as_its_second_attempt()
    {
        var run = new ScriptedRun(start => start.RetryPolicy = RetryPolicies.Filled(new RetryPolicy { MaximumAttempts = 2 }));
        run.TakeTask();
        run.Complete(Commands.Fail());
        Assert.Equal(run.Successor!.RunId, run.Events[^1].WorkflowExecutionFailedEventAttributes.NewExecutionRunId);
        Assert.Equal((2, ContinueAsNewInitiator.Retry), (run.Successor.Start.Attempt, run.Successor.Start.Initiator));
        Assert.Equal(run.State.RunId, run.Successor.Start.FirstExecutionRunId);
        Assert.Equal(run.Now.AddSeconds(1), run.Successor.FirstTaskDue);
    }

    [Theory]
    [InlineData(0.1, 0.4, 0.6)]
    [InlineData(3, 0.4, 3)]
    [InlineData(0.1, 1.5, 0.1)]
    public void A_further_attempt_waits_for_its_interval_and_out_the_first_second(double interval, double lasted, double waits)
    {
        var run = new ScriptedRun(start => start.RetryPolicy = RetryPolicies.Filled(new RetryPolicy { InitialInterval = TimeSpan.FromSeconds(interval).ToProto() }));
        run.TakeTask();
        run.Now += TimeSpan.FromSeconds(lasted);
        run.Complete(Commands.Fail());
        Assert.Equal(run.Now.AddSeconds(waits), run.Successor!.FirstTaskDue);
    }

    [Fact]
    public void Continue_as_new_keeps_the_chain_and_waits_out_the_first_second()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Now += TimeSpan.FromSeconds(0.4);
        run.Complete(new Command
        {
            CommandType = CommandType.ContinueAsNewWorkflowExecution,
            ContinueAsNewWorkflowExecutionCommandAttributes = new ContinueAsNewWorkflowExecutionCommandAttributes(),
        });
        Assert.Equal(WorkflowExecutionStatus.ContinuedAsNew, run.State.Status);
        Assert.Equal(run.Now.AddSeconds(0.6), run.Successor!.FirstTaskDue);
        Assert.Equal(("Flow", run.State.RunId), (run.Successor.WorkflowType, run.Successor.Start.FirstExecutionRunId));
    }

    [Fact]
    public void A_cancel_request_breaks_through_a_start_delay_and_a_signal_does_not()
    {
        var run = new ScriptedRun(backoff: TimeSpan.FromMinutes(1));
        run.Signal();
        Assert.Equal("Started Signaled", run.Story);
        run.Decide(decision => External.RequestCancel(decision, new(), []));
        run.Decide(decision => External.RequestCancel(decision, new(), []));
        Assert.Equal("Started Signaled CancelRequested S", run.Story);
    }

    [Fact]
    public void A_signal_counts_once_for_each_request_id()
    {
        var run = new ScriptedRun();
        run.Signal(requestId: "one");
        run.Signal(requestId: "one");
        run.Signal(requestId: "two");
        Assert.Equal(2, run.State.SignalCount);
    }

    [Theory]
    [InlineData("*/15 * * * *", "2030-01-01T00:15:00Z")]
    [InlineData("30 9 * * mon-fri", "2030-01-01T09:30:00Z")]
    [InlineData("0 0 1 1 *", "2031-01-01T00:00:00Z")]
    [InlineData("0 0 29 2 *", "2032-02-29T00:00:00Z")]
    [InlineData("0 12 * * 0", "2030-01-06T12:00:00Z")]
    [InlineData("0 12 13 * fri", "2030-01-04T12:00:00Z")]
    [InlineData("@daily", "2030-01-02T00:00:00Z")]
    [InlineData("@every 1h30m", "2030-01-01T01:30:00Z")]
    [InlineData("TZ=UTC 0 6 * * *", "2030-01-01T06:00:00Z")]
    public void A_cron_schedule_names_its_next_time(string text, string expected)
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(DateTimeOffset.Parse(expected, null), CronSchedule.TryParse(text)!.Next(now, now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("@every soon")]
    [InlineData("TZ=Nowhere/City * * * * *")]
    public void What_is_no_cron_schedule_is_refused(string text) => Assert.Null(CronSchedule.TryParse(text));
}
