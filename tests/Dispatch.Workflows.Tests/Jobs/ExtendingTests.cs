using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Workflows.Tests.Jobs;

/// <summary>An extension is answered when it is in force: for a worker that has it, or for the attempt that comes.</summary>
public sealed class ExtendingTests
{
    private const double Extended = 2_400;

    private static readonly JobCommand Extend = new JobCommand.Extend(TimeSpan.FromMinutes(10)) { RequestedBy = "a", Reason = "b" };

    [Fact]
    public void One_that_its_worker_did_not_take_goes_with_the_next_attempt()
    {
        var driver = JobDriver.Started().Offer().Command("e", Extend).ControlDone(ErrorCode.AlreadyStopping);
        Assert.Empty(driver.Answers);
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Drained)));
        Assert.True(driver.Answers["e"].Result!.Applied);
        driver.Offer();
        Assert.Equal(Extended, driver.OpenRun!.Input.RunSeconds);
    }

    [Fact]
    public void One_whose_control_is_under_way_when_the_next_attempt_is_sent_is_in_that()
    {
        var driver = JobDriver.Started().Offer().Command("e", Extend).End(new RunEnd.NotTaken()).Expired();
        driver.Fire(JobTimer.Backoff);
        Assert.Empty(driver.Answers);
        driver.Offer();
        Assert.True(driver.Answers["e"].Result!.Applied);
        Assert.Equal(Extended, driver.OpenRun!.Input.RunSeconds);
        driver.ControlDone(ErrorCode.WorkerUnreachable);
        Assert.Null(driver.OpenAsk);
    }

    [Fact]
    public void One_that_comes_while_the_worker_is_sought_waits_until_it_was_told_with_the_next_delivery()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Held().Command("e", Extend);
        Assert.Empty(driver.OpenControls);
        driver.Fire(JobTimer.Resend);
        Assert.Equal(Extended, ((ExtendInput)Assert.Single(driver.OpenControls).Input).RunSeconds);
        Assert.Empty(driver.Answers);
        driver.ControlDone();
        Assert.True(driver.Answers["e"].Result!.Applied);
        Assert.Equal(Extended, driver.Progress.Run.TotalSeconds);
    }

    [Fact]
    public void Several_that_wait_are_told_as_one_and_share_its_answer()
    {
        JobDriver Told() => JobDriver.Started().Offer().End(new RunEnd.Silent()).Held().Command("e1", Extend).Command("e2", Extend).Fire(JobTimer.Resend);
        Assert.Equal(Extended + 600, ((ExtendInput)Assert.Single(Told().OpenControls).Input).RunSeconds);

        var taken = Told().ControlDone();
        Assert.All(["e1", "e2"], id => Assert.True(taken.Answers[id].Result!.Applied));
        var lost = Told().ControlDone(ErrorCode.WorkerUnreachable).Held();
        Assert.All(["e1", "e2"], id => Assert.Equal(ErrorCode.WorkerUnreachable, lost.Answers[id].Refusal));
        Assert.Equal(TimeSpan.FromMinutes(30), lost.Progress.Run);
    }

    [Fact]
    public void A_control_that_was_overtaken_by_a_delivery_says_nothing_where_it_fails()
    {
        var driver = JobDriver.Started().Offer().Command("e", Extend).End(new RunEnd.Silent()).Held().Fire(JobTimer.Resend);
        driver.ControlDone(ErrorCode.WorkerUnreachable);
        Assert.Empty(driver.Answers);
        Assert.Null(driver.OpenAsk);
        driver.ControlDone();
        Assert.True(driver.Answers["e"].Result!.Applied);
    }

    [Fact]
    public void One_that_was_never_in_force_is_not_applied_when_the_job_ends()
    {
        var driver = JobDriver.Started().Offer().Command("e", Extend).ControlDone(ErrorCode.AlreadyStopping).Exit();
        Assert.False(driver.Answers["e"].Result!.Applied);
        Assert.NotNull(driver.Closed);
    }

    [Fact]
    public void A_run_that_began_before_the_second_revision_keeps_its_answers()
    {
        var driver = new JobDriver { Revised = false };
        driver.Begin("""{"process":["true"]}""");
        driver.Offer().Command("e1", Extend).End(new RunEnd.Silent()).Held().ControlDone(ErrorCode.StaleLease).Command("e2", Extend);
        Assert.Equal(ErrorCode.StaleLease, driver.Answers["e1"].Refusal);
        Assert.True(driver.Answers["e2"].Result!.Applied);
        driver.Fire(JobTimer.Resend);
        Assert.Empty(driver.OpenControls);
        Assert.Equal(Extended, driver.OpenRun!.Input.RunSeconds);
    }

    [Theory]
    [InlineData(PlaceAnswerKind.Held, false)]
    [InlineData(PlaceAnswerKind.Offered, false)]
    [InlineData(PlaceAnswerKind.Held, true)]
    public void After_a_reset_a_job_that_is_stopped_stops_the_worker_of_the_later_attempt(PlaceAnswerKind kind, bool atLast)
    {
        var driver = JobDriver.Started(atLast ? """{"process":["x"],"retry":{"workerLost":{"max":0}}}""" : """{"process":["x"]}""").Offer();
        driver.End(new RunEnd.Silent());
        if (atLast) driver.Expired();
        driver.Stop();
        driver.Answer(driver.Offered(attempt: 2) with { Kind = kind });
        Assert.Equal("ann", driver.OpenRun!.Input.Stop!.RequestedBy);
        Assert.Equal(2, driver.OpenRun.Input.Attempt);
        driver.End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Stopped)));
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Selected(2,w1) Sent(2.1) Received(2) Closed(Cancelled)", driver.Operations);
        Assert.Equal(143, driver.Report.Outcome.Code);
    }

    [Fact]
    public void A_worker_of_a_later_attempt_that_does_not_stop_is_waited_for_no_longer_than_any()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Stop();
        driver.Now += TimeSpan.FromSeconds(20);
        driver.Answer(driver.Offered(attempt: 2) with { Kind = PlaceAnswerKind.Held });
        Assert.True(driver.Timers[JobTimer.StopWait].Due > driver.Now + TimeSpan.FromSeconds(20));
        driver.Fire(JobTimer.StopWait).Settled();
        Assert.Equal(TerminationReason.Cancelled, driver.Report.Reason);
    }

    [Fact]
    public void After_a_reset_a_job_that_is_stopped_says_what_became_of_the_later_attempt()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Stop();
        var later = driver.Offered(attempt: 2);
        driver.Answer(later with { Kind = PlaceAnswerKind.Ended, Outcome = driver.ReportOf(7) with { Attempt = 2, Lease = later.Lease!.Value } }).Settled();
        Assert.Equal((TerminationReason.Cancelled, 7), (driver.Report.Reason, driver.Report.Outcome.Code));
    }

    [Fact]
    public void A_job_without_another_attempt_goes_on_with_the_later_one_that_a_worker_holds()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"workerLost":{"max":0}}}""").Offer().End(new RunEnd.Silent()).Expired();
        Assert.True(driver.OpenAsk!.Final);
        driver.Answer(driver.Offered(attempt: 2) with { Kind = PlaceAnswerKind.Held }).Exit();
        Assert.Equal(TerminationReason.WorkloadExited, driver.Report.Reason);
    }
}
