using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Workflows.Tests.Jobs;

/// <summary>Stop, cancel and deadlines in every state, and what wins over what.</summary>
public sealed class EndingTests
{
    [Fact]
    public void What_is_in_history_first_wins()
    {
        var exit = JobDriver.Started().Offer();
        exit.Happen(new JobInput.CancelRequested(), new JobInput.RunClosed(new RunEnd.Reported(exit.ReportOf(0))));
        Assert.Equal((CloseKind.Completed, TerminationReason.WorkloadExited), (exit.Closed!.How, exit.Report.Reason));

        var cancel = JobDriver.Started().Wait();
        var queue = cancel.Timers[JobTimer.Queue];
        cancel.Happen(new JobInput.TimerFired(JobTimer.Queue, queue.Id), new JobInput.CancelRequested()).Settled();
        Assert.Equal(TerminationReason.CancelledBeforeStart, cancel.Report.Reason);

        var timer = JobDriver.Started().Wait();
        timer.Happen(new JobInput.Nudged()).Happen(new JobInput.TimerFired(JobTimer.Queue, timer.Timers[JobTimer.Queue].Id)).Offer().Settled();
        Assert.Equal("Opened Closed(QueueTimeout)", timer.Operations);
    }

    [Fact]
    public void A_cancel_that_comes_while_the_placer_is_asked_wins_over_its_offer()
    {
        var driver = JobDriver.Started().Cancel();
        Assert.Null(driver.Closed);
        driver.Offer();
        Assert.Equal(TerminationReason.CancelledBeforeStart, driver.Settling!.Reason);
        driver.Settled();
        Assert.Equal(("Opened Closed(CancelledBeforeStart)", CloseKind.Canceled), (driver.Operations, driver.Closed!.How));
    }

    [Fact]
    public void A_cancel_before_the_first_task_asks_nobody()
    {
        var reading = Contracts.Jobs.JobSpecReader.Read("""{"process":["x"]}"""u8.ToArray());
        var driver = new JobDriver().Happen(new JobInput.CancelRequested(), new JobInput.Started(reading, "{}", "sha256:0"));
        Assert.Empty(driver.Asks);
        Assert.Equal(TerminationReason.CancelledBeforeStart, driver.Report.Reason);
    }

    [Fact]
    public void Stopped_is_stopped_even_when_the_workload_then_exits_0()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":3}}}""").Offer().Stop();
        Assert.True(driver.RunCancelled);
        Assert.False(((StopInput)driver.OpenControls[0].Input).Now);
        driver.ControlDone();
        Assert.True(driver.Answers["stop-1"].Result!.Applied);
        driver.Exit(0);
        driver.Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(Cancelled)", driver.Operations);
        Assert.Equal((CloseKind.Failed, ErrorCode.Cancelled, OutcomeKind.Success), (driver.Closed!.How, driver.Report.Error!.Value, driver.Report.Outcome.Kind));
        Assert.Equal("Stopped by ann: enough.", driver.Report.Message);
    }

    [Fact]
    public void Stop_waits_for_grace_kill_budget_and_heartbeat_and_no_longer()
    {
        var driver = JobDriver.Started().Offer().Cancel();
        Assert.Equal(TimeSpan.FromSeconds(10 + 3 + 20), driver.Timers[JobTimer.StopWait].Due - driver.Now);
        driver.Fire(JobTimer.StopWait).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Closed(Cancelled)", driver.Operations);
        Assert.Equal(CloseKind.Canceled, driver.Closed!.How);
    }

    [Fact]
    public void A_message_that_was_cancelled_before_it_was_taken_ends_at_once()
    {
        var driver = JobDriver.Started().Offer().Stop().End(new RunEnd.Canceled()).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,unreachable,last) Closed(Cancelled)", driver.Operations);
        Assert.True(driver.Answers["stop-1"].Result!.Applied);
    }

    [Fact]
    public void A_second_stop_is_refused_and_a_sharper_one_is_passed_on()
    {
        var driver = JobDriver.Started().Offer().Stop().Stop("stop-2").Stop("stop-3", StopMode.Now).Stop("stop-4", StopMode.Now);
        Assert.Equal(ErrorCode.AlreadyStopping, driver.Answers["stop-2"].Refusal);
        Assert.Equal(ErrorCode.AlreadyStopping, driver.Answers["stop-4"].Refusal);
        Assert.True(((StopInput)driver.OpenControls[1].Input).Now);
        driver.ControlDone().ControlDone();
        Assert.True(driver.Answers["stop-3"].Result!.Applied);
    }

    [Fact]
    public void A_stop_that_does_not_reach_the_worker_is_in_force_by_cancellation()
    {
        var driver = JobDriver.Started().Offer().Stop().ControlDone(ErrorCode.WorkerUnreachable).Held();
        Assert.True(driver.Answers["stop-1"].Result!.Applied);
    }

    [Fact]
    public void A_stop_between_deliveries_sends_at_once_with_the_stop()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Held().Stop();
        Assert.Equal("ann", driver.OpenRun!.Input.Stop!.RequestedBy);
        Assert.Contains(JobTimer.StopWait, driver.Timers.Keys);
        Assert.DoesNotContain(JobTimer.Resend, driver.Timers.Keys);
    }

    [Fact]
    public void A_stop_while_the_registry_is_asked_what_became_of_the_attempt_waits_for_it_but_not_for_ever()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Unavailable().Stop();
        Assert.True(driver.Answers["stop-1"].Result!.Applied);
        driver.Unavailable();
        driver.Fire(JobTimer.StopWait).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void A_worker_lost_while_it_stops_is_not_replaced()
    {
        var driver = JobDriver.Started().Offer().Cancel().End(new RunEnd.Silent()).Expired();
        Assert.True(driver.OpenAsk!.Final);
        driver.Expired().Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void A_cancel_during_a_backoff_ends_the_job_with_the_last_outcome()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Offer().Exit(5).Cancel().Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit,again) Closed(Cancelled)", driver.Operations);
        Assert.Equal(5, driver.Report.Outcome.Code);
    }

    [Fact]
    public void A_cancel_while_the_loss_is_not_superseded_yet_records_it_first()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Expired().Cancel().Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void A_cancel_after_the_end_changes_nothing()
    {
        var driver = JobDriver.Started().Wait().Fire(JobTimer.Queue).Cancel().Settled();
        Assert.Equal((TerminationReason.QueueTimeout, CloseKind.Failed), (driver.Report.Reason, driver.Closed!.How));
    }

    [Fact]
    public void The_total_deadline_stops_what_runs_and_is_no_retry_of_the_run_deadline()
    {
        var driver = JobDriver.Started("""{"process":["x"],"timeouts":{"total":"2h"},"retry":{"timedOut":{"max":3}}}""").Offer().Fire(JobTimer.Total);
        Assert.Equal(JobDriver.Start + TimeSpan.FromHours(2), driver.Now);
        Assert.True(driver.RunCancelled);
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Stopped, 15))).Settled();
        Assert.Equal((TerminationReason.ExecutionTimeout, ErrorCode.ExecutionTimeout), (driver.Report.Reason, driver.Report.Error!.Value));
        Assert.Equal(TerminationReason.ExecutionTimeout, Assert.Single(driver.Settlements).Reason);
    }

    [Fact]
    public void A_command_after_the_end_is_answered_with_the_report()
    {
        var driver = JobDriver.Started().Wait().Fire(JobTimer.Queue).Stop();
        Assert.Equal((false, TerminationReason.QueueTimeout), (driver.Answers["stop-1"].Result!.Applied, driver.Answers["stop-1"].Result!.Report!.Reason));
    }

    [Fact]
    public void Two_hundred_commands_are_the_most()
    {
        var driver = JobDriver.Started().Offer();
        for (var commands = 0; commands < JobLimits.CommandsMax; commands++) driver.Command($"c{commands}", new JobCommand.SetPriority(1) { RequestedBy = "a", Reason = "b" });
        driver.Stop();
        Assert.Equal(ErrorCode.AlreadyRunning, driver.Answers["stop-1"].Refusal);
        Assert.False(driver.RunCancelled);
        driver.Cancel();
        Assert.True(driver.RunCancelled);
    }

    [Fact]
    public void An_extension_counts_from_those_under_way_and_is_in_force_when_the_worker_says_so()
    {
        var extend = new JobCommand.Extend(TimeSpan.FromMinutes(10)) { RequestedBy = "a", Reason = "b" };
        var driver = JobDriver.Started().Offer().Command("e1", extend).Command("e2", extend);
        Assert.Equal([2_400, 3_000], driver.OpenControls.Select(control => ((ExtendInput)control.Input).RunSeconds));
        driver.ControlDone(ErrorCode.WorkerUnreachable).Held().ControlDone();
        Assert.Equal(ErrorCode.WorkerUnreachable, driver.Answers["e1"].Refusal);
        Assert.Equal(TimeSpan.FromMinutes(50), driver.Progress.Run);
    }

    [Fact]
    public void An_extension_before_the_start_goes_with_the_message()
    {
        var driver = JobDriver.Started().Wait().Command("e", new JobCommand.Extend(TimeSpan.FromMinutes(10)) { RequestedBy = "a", Reason = "b" });
        Assert.True(driver.Answers["e"].Result!.Applied);
        Assert.Equal(2_400, driver.Happen(new JobInput.Nudged()).Offer().OpenRun!.Input.RunSeconds);
    }

    [Fact]
    public void An_extension_of_a_job_that_stops_is_refused()
    {
        var driver = JobDriver.Started().Offer().Stop().Command("e", new JobCommand.Extend(TimeSpan.FromMinutes(10)) { RequestedBy = "a", Reason = "b" });
        Assert.Equal(ErrorCode.AlreadyStopping, driver.Answers["e"].Refusal);
    }

    [Fact]
    public void A_command_follows_a_worker_that_restarted()
    {
        var driver = JobDriver.Started().Offer().Command("e", new JobCommand.Extend(TimeSpan.FromMinutes(10)) { RequestedBy = "a", Reason = "b" });
        driver.ControlDone(ErrorCode.WorkerUnreachable);
        Assert.Equal(1, driver.OpenAsk!.Attempt);
        driver.Answer(driver.Offered(incarnation: 2, attempt: 1) with { Kind = Contracts.Placing.PlaceAnswerKind.Held });
        Assert.Equal("worker:w1:2", Assert.Single(driver.OpenControls).Queue);
        driver.ControlDone();
        Assert.True(driver.Answers["e"].Result!.Applied);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1)", driver.Operations);
    }

    [Fact]
    public void A_result_that_comes_while_the_worker_is_looked_for_is_taken_once()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Offer();
        driver.Command("e", new JobCommand.Extend(TimeSpan.FromMinutes(10)) { RequestedBy = "a", Reason = "b" }).ControlDone(ErrorCode.WorkerUnreachable);
        var report = driver.ReportOf(1);
        driver.Exit(1).Returned(report);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit,again)", driver.Operations);
        Assert.True(driver.Answers["e"].Result!.Applied);
        Assert.Contains(JobTimer.Backoff, driver.Timers.Keys);
    }
}
