using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Any = Google.Protobuf.WellKnownTypes.Any;

namespace Dispatch.Engine.Tests.History;

public class WorkflowTaskTests
{
    [Fact]
    public void A_workflow_without_anything_to_wait_for_has_five_events()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Close());
        Assert.Equal("Started S St C Completed", run.Story);
        Assert.Equal(WorkflowExecutionStatus.Completed, run.State.Status);
    }

    [Fact]
    public void A_signal_waits_until_the_started_task_has_ended_and_brings_the_next_one()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Signal();
        Assert.Equal("Started S St", run.Story);
        run.Complete(Commands.Marker("m"));
        Assert.Equal("Started S St C MarkerRecorded Signaled S", run.Story);
    }

    [Fact]
    public void A_workflow_cannot_close_over_a_signal_that_it_has_not_seen()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Signal();
        var outcome = run.Complete(Commands.Close());
        Assert.Equal("UnhandledCommand", outcome.Refusal!.Message);
        Assert.Equal("Started S St F Signaled S", run.Story);
        Assert.Equal(1, run.State.Task!.Attempt);

        run.TakeTask();
        Assert.Throws<EngineException>(() => run.Signal("held off"));
        run.Complete(Commands.Close());
        Assert.Equal("Started S St F Signaled S St C Completed", run.Story);
    }

    [Fact]
    public void A_second_attempt_leaves_no_trace_unless_it_completes()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.FailTask();
        run.TakeTask();
        run.FailTask();
        Assert.Equal("Started S St F", run.Story);
        run.TakeTask();
        Assert.Equal(3, run.State.Task!.Attempt);
        run.Complete(Commands.Close());
        Assert.Equal("Started S St F S St C Completed", run.Story);
        Assert.Equal(3, run.Events[4].WorkflowTaskScheduledEventAttributes.Attempt);
    }

    [Fact]
    public void A_second_attempt_becomes_a_first_one_when_a_signal_comes_before_it_starts()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.FailTask();
        run.Signal();
        run.TakeTask();
        Assert.Equal("Started S St F Signaled S St", run.Story);
        Assert.Equal(1, run.State.Task!.Attempt);
    }

    [Theory]
    [InlineData(3, 10)]
    [InlineData(4, 15)]
    [InlineData(5, 20)]
    [InlineData(20, 610)]
    public void From_the_fourth_attempt_on_a_task_may_take_longer(int attempt, double seconds)
    {
        var run = new ScriptedRun();
        for (var i = 1; i < attempt; i++)
        {
            run.TakeTask();
            run.FailTask();
        }

        Assert.Equal(TimeSpan.FromSeconds(seconds), run.State.Task!.Timeout);
    }

    [Fact]
    public void A_silent_worker_loses_its_task()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        var token = run.Token();
        run.Wait(10);
        Assert.Equal("Started S St TO", run.Story);
        Assert.Equal(2, run.State.Task!.Attempt);
        Assert.NotEqual(token.Serial, run.State.Task.Serial);
    }

    [Fact]
    public void A_sticky_task_that_nobody_takes_goes_to_the_normal_queue()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(ScriptedRun.Sticky);
        run.Signal();
        Assert.Equal("sticky", run.State.Task!.Queue.Name);
        run.Wait(5);
        Assert.Equal("Started S St C Signaled S TO S", run.Story);
        Assert.Equal(("queue", 1), (run.State.Task!.Queue.Name, run.State.Task.Attempt));
    }

    [Fact]
    public void A_heartbeat_keeps_the_time_of_the_first_task_and_ends_after_half_an_hour()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        var original = run.State.Task!.OriginalScheduledTime;
        for (var i = 0; i < 200; i++)
        {
            run.Now += TimeSpan.FromSeconds(9);
            var outcome = run.Complete(request => (request.ForceCreateNewWorkflowTask, request.ReturnNewWorkflowTask) = (true, true));
            Assert.True(outcome.ReturnsTask);
            Assert.Equal(original, run.State.Task!.OriginalScheduledTime);
        }

        run.Now += TimeSpan.FromSeconds(9);
        var last = run.Complete(request => request.ForceCreateNewWorkflowTask = true);
        Assert.NotNull(last.Refusal);
        Assert.Equal(EventType.WorkflowTaskTimedOut, run.Events[^1].EventType);
    }

    [Fact]
    public void A_bad_command_undoes_the_whole_completion()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        var outcome = run.Complete(Commands.Timer("t", 5), Commands.CancelTimer("other"));
        Assert.StartsWith("BadCancelTimerAttributes", outcome.Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal("Started S St F", run.Story);
        Assert.Empty(run.State.Timers);
    }

    [Fact]
    public void Nothing_is_done_when_a_closing_command_is_not_the_last()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        Assert.Throws<EngineException>(() => run.Complete(Commands.Close(), Commands.Timer("t", 1)));
        Assert.Equal("Started S St", run.Story);
    }

    [Fact]
    public void Cancelling_a_timer_takes_its_unseen_fire_back()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Timer("t", 1));
        run.Signal();
        run.TakeTask();
        run.Wait(1);
        Assert.Single(run.State.Buffered);
        run.Complete(Commands.CancelTimer("t"));
        Assert.Equal("Started S St C TimerStarted Signaled S St C TimerCanceled", run.Story);
        Assert.Null(run.State.Task);
    }

    [Fact]
    public void Buffered_closes_come_behind_everything_else_and_name_their_real_start()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Activity("a"));
        var activity = run.StartActivity("a");
        run.Signal();
        run.TakeTask();
        run.Decide(decision => Activities.Complete(decision, activity, null, "worker"));
        run.Signal("late");
        run.Complete();
        Assert.Equal("Started S St C ActivityScheduled Signaled S St C ActivityStarted Signaled ActivityCompleted S", run.Story);
        Assert.Equal(10, run.Events[11].ActivityTaskCompletedEventAttributes.StartedEventId);
    }

    [Fact]
    public void A_terminated_run_ends_its_started_task_first()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Signal();
        run.Decide(decision => Closing.Terminate(decision, "enough", "operator"));
        Assert.Equal("Started S St F Signaled Terminated", run.Story);
        Assert.Null(Deadlines.Next(run.State));
    }

    [Fact]
    public void More_buffered_events_than_the_limit_fail_the_task_that_holds_them_up()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        for (var i = 0; i <= HistoryLimits.BufferedEventsMax; i++)
        {
            run.Signal();
        }

        Assert.Equal(WorkflowTaskFailedCause.ForceCloseCommand, run.Events[3].WorkflowTaskFailedEventAttributes.Cause);
        Assert.Empty(run.State.Buffered);
        Assert.False(run.State.Task!.IsStarted);
    }

    [Fact]
    public void A_rejected_update_of_an_idle_run_leaves_no_trace()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete();
        var before = run.State.NextEventId;
        run.Update("u");
        Assert.Equal(WorkflowTaskKind.Speculative, run.State.Task!.Kind);
        run.TakeTask();
        var outcome = run.Complete(request => request.Messages.Add(Message("u", new Rejection { Failure = Commands.Broken("no") })));
        Assert.Equal(3, outcome.ResetHistoryEventId);
        Assert.Equal(before, run.State.NextEventId);
        Assert.Null(run.State.Task);
        Assert.Empty(run.State.Updates);
    }

    [Fact]
    public void An_accepted_update_writes_its_task()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete();
        run.Update("u");
        run.TakeTask();
        run.Complete(request =>
        {
            request.Messages.Add(Message("u", new Acceptance { AcceptedRequestMessageId = "u/request" }));
            request.Messages.Add(Message("u", new Response { Meta = new Meta { UpdateId = "u" }, Outcome = new Outcome() }));
        });
        Assert.Equal("Started S St C S St C UpdateAccepted UpdateCompleted", run.Story);
    }

    [Fact]
    public void A_signal_makes_a_waiting_speculative_task_a_normal_one_behind_it()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete();
        run.Update("u");
        run.Signal();
        Assert.Equal("Started S St C Signaled S", run.Story);
        Assert.True(run.TakeTask());
        Assert.Equal(["u"], run.State.Task!.SentUpdates);
    }

    [Fact]
    public void An_update_goes_with_the_next_task_when_its_own_was_lost()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete();
        run.Update("u");
        run.TakeTask();
        run.Wait(10);
        Assert.Equal("Started S St C S St TO", run.Story);
        run.TakeTask();
        Assert.Equal(["u"], run.State.Task!.SentUpdates);
    }

    [Fact]
    public void A_run_that_grows_too_long_is_terminated()
    {
        var run = new ScriptedRun();
        run.Decide(decision => decision.State = decision.State with { NextEventId = HistoryLimits.HistoryEventsMax + 2 });
        Assert.Equal(WorkflowExecutionStatus.Terminated, run.State.Status);
    }

    private static Message Message(string updateId, Google.Protobuf.IMessage body) =>
        new() { Id = $"{updateId}/{body.Descriptor.Name}", ProtocolInstanceId = updateId, Body = Any.Pack(body) };
}
