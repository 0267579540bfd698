using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Workflows.Tests.Jobs;

public sealed class PlacingTests
{
    [Fact]
    public void The_first_step_asks_and_records_nothing_yet()
    {
        var driver = JobDriver.Started();
        Assert.Equal(1, driver.OpenAsk!.Attempt);
        Assert.Single(driver.Actions);
        Assert.Empty(driver.Memo);
    }

    [Fact]
    public void An_offer_is_recorded_and_sent_with_one_write_and_without_a_timer()
    {
        var driver = JobDriver.Started().Offer();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1)", driver.Operations);
        Assert.Equal(["Record", "Index", "Send"], driver.Actions.Select(action => action.GetType().Name));
        Assert.Equal("worker:w1:1", driver.OpenRun!.Queue);
        Assert.Empty(driver.Timers);
    }

    [Fact]
    public void The_receipt_deadline_of_the_spec_may_only_shorten_the_pools()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), JobDriver.Started("""{"process":["x"],"timeouts":{"receipt":"2s"}}""").Offer().OpenRun!.Receipt);
        Assert.Equal(TimeSpan.FromSeconds(10), JobDriver.Started("""{"process":["x"],"timeouts":{"receipt":"1m"}}""").Offer().OpenRun!.Receipt);
    }

    [Fact]
    public void A_waiting_job_asks_by_itself_after_a_minute_doubling_to_an_hour()
    {
        var driver = JobDriver.Started("""{"process":["x"],"timeouts":{"queue":"24h"}}""").Wait();
        List<double> pauses = [];
        for (var asks = 0; asks < 8; asks++)
        {
            pauses.Add((driver.Timers[JobTimer.AskAgain].Due - driver.Now).TotalMinutes);
            driver.Fire(JobTimer.AskAgain).Wait();
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], pauses);
        Assert.Equal([JobState.Queued], driver.Indexed);
    }

    [Fact]
    public void A_job_whose_lost_attempt_is_superseded_is_queued_again_until_the_next_one_is_sent()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Expired();
        Assert.Equal(JobState.Sent, JobStatusView.Of(driver.Progress).State);
        driver.Fire(JobTimer.Backoff).Wait();
        Assert.Equal((JobState.Queued, "Exited(1,lost,again)"), (JobStatusView.Of(driver.Progress).State, driver.Operations.Split(' ')[^1]));
        driver.Fire(JobTimer.AskAgain).Wait();
        Assert.Equal([JobState.Sent, JobState.Queued], driver.Indexed);
        driver.Fire(JobTimer.AskAgain).Offer("w2");
        Assert.Equal(JobState.Sent, JobStatusView.Of(driver.Progress).State);
        Assert.Equal([JobState.Sent, JobState.Queued, JobState.Sent], driver.Indexed);
    }

    [Fact]
    public void A_job_whose_failed_attempt_backs_off_is_queued_again_and_one_that_goes_on_at_once_never_is()
    {
        var waits = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Offer().Exit(1);
        Assert.Equal((JobState.Queued, JobState.Queued), (JobStatusView.Of(waits.Progress).State, waits.Indexed[^1]));
        waits.Fire(JobTimer.Backoff).Unavailable();
        Assert.Equal((JobState.Queued, JobState.Queued), (JobStatusView.Of(waits.Progress).State, waits.Indexed[^1]));

        var atOnce = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":1,"backoff":{"initial":"0s"}}}}""").Offer().Exit(1).Offer("w2");
        Assert.Equal([JobState.Sent, JobState.Sent], atOnce.Indexed);
    }

    [Fact]
    public void A_nudge_asks_at_once_and_leaves_the_timer_alone()
    {
        var driver = JobDriver.Started().Wait();
        var due = driver.Timers[JobTimer.AskAgain];
        driver.Happen(new JobInput.Nudged());
        Assert.NotNull(driver.OpenAsk);
        driver.Wait();
        Assert.Equal(due, driver.Timers[JobTimer.AskAgain]);
    }

    [Fact]
    public void Nudges_beyond_their_limit_are_not_heard()
    {
        var driver = JobDriver.Started().Wait();
        for (var nudges = 0; nudges < JobLimits.NudgedAsksMax; nudges++) driver.Happen(new JobInput.Nudged()).Wait();
        driver.Happen(new JobInput.Nudged());
        Assert.Null(driver.OpenAsk);
        driver.Fire(JobTimer.AskAgain);
        Assert.NotNull(driver.OpenAsk);
    }

    [Fact]
    public void A_silent_registry_is_asked_after_a_second_doubling_to_a_minute_and_the_queue_deadline_goes_on()
    {
        var driver = JobDriver.Started().Unavailable();
        List<double> pauses = [];
        for (var asks = 0; asks < 8; asks++)
        {
            pauses.Add((driver.Timers[JobTimer.AskAgain].Due - driver.Now).TotalSeconds);
            driver.Fire(JobTimer.AskAgain).Unavailable();
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], pauses);
        Assert.StartsWith("RegistryUnavailable since 2026-03-01T12:00:00", driver.Progress.Placement!.Why, StringComparison.Ordinal);
        Assert.Equal(JobDriver.Start + TimeSpan.FromHours(1), driver.Timers[JobTimer.Queue].Due);
        driver.Fire(JobTimer.AskAgain).Offer();
        Assert.Null(driver.Progress.UnavailableSince);
        Assert.Empty(driver.Timers);
    }

    [Fact]
    public void The_queue_deadline_counts_from_submission_to_the_first_worker_and_never_again()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Wait();
        driver.Happen(new JobInput.Nudged()).Offer();
        Assert.DoesNotContain(JobTimer.Queue, driver.Timers.Keys);
        driver.Exit(1).Fire(JobTimer.Backoff).Wait();
        Assert.DoesNotContain(JobTimer.Queue, driver.Timers.Keys);
    }

    [Fact]
    public void The_queue_deadline_stands_still_while_the_job_is_paused()
    {
        var driver = JobDriver.Started().Wait();
        driver.Now += TimeSpan.FromMinutes(10);
        driver.Command("p", new JobCommand.Pause { RequestedBy = "a", Reason = "b" }).Wait();
        Assert.True(driver.Asks[^1].Paused);
        Assert.Empty(driver.Timers);
        driver.Now += TimeSpan.FromHours(5);
        driver.Command("u", new JobCommand.Unpause { RequestedBy = "a", Reason = "b" });
        Assert.Equal(JobDriver.Start + TimeSpan.FromHours(6), driver.Timers[JobTimer.Queue].Due);
        Assert.False(driver.OpenAsk!.Paused);
        Assert.Equal([JobState.Queued, JobState.Paused, JobState.Queued], driver.Indexed);
    }

    [Fact]
    public void A_pause_that_an_offer_overtakes_is_refused_and_the_job_goes_on()
    {
        var driver = JobDriver.Started().Command("p", new JobCommand.Pause { RequestedBy = "a", Reason = "b" });
        driver.Offer();
        Assert.Equal(ErrorCode.AlreadyRunning, driver.Answers["p"].Refusal);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1)", driver.Operations);
    }

    [Fact]
    public void A_pause_taken_back_before_it_is_in_force_leaves_the_job_in_the_queue()
    {
        var driver = JobDriver.Started().Wait().Command("p", new JobCommand.Pause { RequestedBy = "a", Reason = "b" });
        driver.Command("u", new JobCommand.Unpause { RequestedBy = "a", Reason = "b" }).Wait();
        Assert.False(driver.Answers["p"].Result!.Applied);
        Assert.False(driver.OpenAsk!.Paused);
        Assert.False(driver.Progress.Paused);
    }

    [Fact]
    public void A_new_priority_is_in_force_once_an_ask_with_it_was_answered()
    {
        var driver = JobDriver.Started().Command("s", new JobCommand.SetPriority(80) { RequestedBy = "a", Reason = "b" });
        driver.Wait();
        Assert.DoesNotContain("s", driver.Answers.Keys);
        Assert.Equal(80, driver.OpenAsk!.Priority);
        driver.Wait();
        Assert.True(driver.Answers["s"].Result!.Applied);
    }

    [Theory]
    [InlineData(ErrorCode.NotAdmitted, TerminationReason.NotAdmitted)]
    [InlineData(ErrorCode.NoEligibleWorker, TerminationReason.NoEligibleWorker)]
    [InlineData(ErrorCode.InvalidJobSpec, TerminationReason.InvalidJobSpec)]
    [InlineData(ErrorCode.CannotResume, TerminationReason.ResumeFailed)]
    [InlineData(ErrorCode.StaleLease, TerminationReason.InternalError)]
    public void A_refusal_closes_under_its_code(ErrorCode code, TerminationReason reason)
    {
        var driver = JobDriver.Started().Answer(new() { Kind = PlaceAnswerKind.Refused, Attempt = 1, Error = code, Why = "no" }).Settled();
        Assert.Equal($"Opened Closed({reason})", driver.Operations);
        Assert.Equal((code, "no"), (driver.Report.Error!.Value, driver.Report.Message));
    }

    [Fact]
    public void An_offer_without_a_worker_is_no_offer()
    {
        var driver = JobDriver.Started();
        driver.Answer(driver.Offered() with { Worker = null });
        Assert.Equal("Opened", driver.Operations);
        Assert.Contains(JobTimer.AskAgain, driver.Timers.Keys);
    }

    [Fact]
    public void A_start_that_was_delayed_longer_than_the_queue_deadline_still_gets_all_of_it()
    {
        var driver = new JobDriver { Now = JobDriver.Start + TimeSpan.FromHours(2) };
        driver.Begin("""{"process":["x"]}""");
        driver.Wait();
        Assert.Equal(JobDriver.Start + TimeSpan.FromHours(3), driver.Timers[JobTimer.Queue].Due);
    }

    [Fact]
    public void After_a_reset_the_row_may_know_a_later_attempt_and_the_job_goes_on_from_it()
    {
        var offered = JobDriver.Started().Offer(attempt: 3);
        Assert.Equal("Opened Selected(3,w1) Sent(3.1)", offered.Operations);

        var held = JobDriver.Started();
        held.Answer(held.Offered(attempt: 2) with { Kind = PlaceAnswerKind.Held });
        Assert.Equal("Opened Selected(2,w1) Sent(2.1)", held.Operations);

        var ended = JobDriver.Started();
        ended.Answer(ended.Offered(attempt: 2) with { Kind = PlaceAnswerKind.Ended, Expired = true });
        Assert.Equal(3, ended.OpenAsk!.Attempt);
    }

    [Fact]
    public void After_a_reset_of_a_closed_job_it_answers_with_the_recorded_outcome()
    {
        var driver = JobDriver.Started();
        var offer = driver.Offered(attempt: 2);
        driver.Answer(offer with
        {
            Kind = PlaceAnswerKind.Ended,
            Outcome = new() { Attempt = 2, Lease = offer.Lease!.Value, End = ContainerEnd.Exited, Outcome = new() { Code = 3 } },
        }).Settled();
        Assert.Equal("Opened Closed(WorkloadExited)", driver.Operations);
        Assert.Equal((ErrorCode.NonZeroExit, 3, 2), (driver.Report.Error!.Value, driver.Report.Outcome.Code!.Value, driver.Report.AttemptsUsed));
    }
}
