using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Workflows.Tests.Jobs;

/// <summary>After a reset the row may have a later attempt, with a worker, than the run's history: a stop goes there first.</summary>
public sealed class StopAfterResetTests
{
    [Fact]
    public void A_stop_while_the_job_is_placed_goes_to_the_worker_that_has_a_later_attempt()
    {
        var driver = Begun().Unavailable().Stop();
        Assert.True(driver.Answers["stop-1"].Result!.Applied);
        Assert.True(driver.OpenAsk!.Final);
        driver.Answer(driver.Offered("w2", attempt: 3) with { Kind = PlaceAnswerKind.Held });
        Assert.Equal("ann", driver.OpenRun!.Input.Stop!.RequestedBy);
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Stopped, 15))).Settled();
        Assert.Equal("Opened Selected(3,w2) Sent(3.1) Received(3) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void A_cancel_during_a_backoff_does_too()
    {
        var driver = Begun("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Offer().Exit(5).Cancel();
        driver.Answer(driver.Offered("w2", attempt: 2) with { Kind = PlaceAnswerKind.Held });
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Stopped, 15))).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit,again) Selected(2,w2) Sent(2.1) Received(2) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void A_loss_that_was_not_superseded_yet_is_recorded_before_the_later_attempt()
    {
        var driver = Begun().Offer().End(new RunEnd.Silent()).Expired().Stop();
        driver.Answer(driver.Offered("w2", attempt: 2) with { Kind = PlaceAnswerKind.Held });
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Stopped, 15))).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Selected(2,w2) Sent(2.1) Received(2) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void Where_the_row_knows_how_a_later_attempt_ended_the_job_ends_with_that()
    {
        var driver = Begun().Wait().Stop();
        var report = new ContainerReport { Attempt = 2, Lease = new("lease-2"), End = ContainerEnd.Exited, Outcome = new() { Code = 7 } };
        driver.Answer(driver.Offered(attempt: 2) with { Kind = PlaceAnswerKind.Ended, Outcome = report }).Settled();
        Assert.Equal(("Opened Closed(Cancelled)", 7), (driver.Operations, driver.Report.Outcome.Code));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Where_no_worker_has_anything_it_ends_as_any_stop(int attempt)
    {
        var driver = Begun().Wait().Stop();
        driver.Answer(new() { Kind = PlaceAnswerKind.Ended, Attempt = attempt }).Settled();
        Assert.Equal("Opened Closed(CancelledBeforeStart)", driver.Operations);
    }

    [Fact]
    public void What_the_history_has_already_is_not_received_twice()
    {
        var driver = Begun("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Offer().Exit(5).Stop();
        driver.Returned(driver.ReportOf(5)).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit,again) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void An_end_without_a_result_that_waits_to_be_recorded_is_recorded()
    {
        var driver = Begun("""{"process":["x"],"retry":{"workerLost":{"max":1}}}""").Offer();
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Drained, 15)));
        driver.Stop().Wait().Answer(new() { Kind = PlaceAnswerKind.Ended, Attempt = 1 }).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,draining,last) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void A_later_attempt_that_had_ended_when_the_row_was_asked_before_is_asked_about_again()
    {
        var driver = Begun().Answer(new() { Kind = PlaceAnswerKind.Ended, Attempt = 2, Expired = true });
        driver.Wait(3).Stop();
        Assert.Equal((2, true), (driver.OpenAsk!.Attempt, driver.OpenAsk.Final));
        driver.Answer(driver.Offered("w2", attempt: 2) with { Kind = PlaceAnswerKind.Held });
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Stopped, 15))).Settled();
        Assert.Equal("Opened Selected(2,w2) Sent(2.1) Received(2) Closed(Cancelled)", driver.Operations);
    }

    [Fact]
    public void What_was_asked_before_the_stop_is_asked_anew()
    {
        var driver = Begun().Cancel().Offer();
        Assert.Equal((true, 0), (driver.OpenAsk!.Final, driver.Sends.Count));
        driver.Answer(new() { Kind = PlaceAnswerKind.Ended, Attempt = 1 }).Settled();
        Assert.Equal("Opened Closed(CancelledBeforeStart)", driver.Operations);
    }

    [Fact]
    public void A_refusal_does_not_take_the_place_of_the_stop()
    {
        var driver = Begun().Wait().Cancel();
        driver.Answer(new() { Kind = PlaceAnswerKind.Refused, Attempt = 1, Error = ErrorCode.NotAdmitted }).Settled();
        Assert.Equal(("Opened Closed(CancelledBeforeStart)", ErrorCode.Cancelled), (driver.Operations, driver.Report.Error!.Value));
    }

    [Fact]
    public void The_queue_time_out_does_not_take_the_place_of_the_stop()
    {
        var driver = Begun("""{"process":["x"],"timeouts":{"queue":"10s"}}""").Wait().Stop().Unavailable();
        driver.Fire(JobTimer.Queue).Fire(JobTimer.AskAgain).Answer(new() { Kind = PlaceAnswerKind.Ended, Attempt = 1 }).Settled();
        Assert.Equal("Opened Closed(CancelledBeforeStart)", driver.Operations);
    }

    [Fact]
    public void A_registry_that_is_away_is_not_waited_for_for_ever()
    {
        var driver = Begun().Wait().Cancel().Unavailable();
        Assert.Null(driver.Settling);
        driver.Fire(JobTimer.StopWait).Settled();
        Assert.Equal("Opened Closed(CancelledBeforeStart)", driver.Operations);
    }

    [Fact]
    public void A_run_that_no_reset_began_and_one_of_before_end_at_once()
    {
        foreach (var driver in new[] { new JobDriver(), new JobDriver { Reset = true, Revised = false } })
        {
            driver.Begin("""{"process":["true"]}""");
            driver.Wait().Stop().Settled();
            Assert.Single(driver.Asks);
            Assert.Equal(("Opened Closed(CancelledBeforeStart)", ErrorCode.Cancelled), (driver.Operations, driver.Report.Error!.Value));
        }
    }

    private static JobDriver Begun(string spec = """{"process":["true"]}""")
    {
        var driver = new JobDriver { Reset = true };
        driver.Begin(spec);
        return driver;
    }
}
