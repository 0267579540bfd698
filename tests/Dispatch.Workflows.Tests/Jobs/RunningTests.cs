using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Workflows.Tests.Jobs;

public sealed class RunningTests
{
    [Theory]
    [InlineData(0, ContainerEnd.Exited, null, false, "Received(1) Closed(WorkloadExited)", null)]
    [InlineData(3, ContainerEnd.Exited, null, false, "Received(1,NonZeroExit,last) Closed(WorkloadExited)", ErrorCode.NonZeroExit)]
    [InlineData(143, ContainerEnd.Exited, 15, false, "Received(1,NonZeroExit,last) Closed(WorkloadExited)", ErrorCode.NonZeroExit)]
    [InlineData(137, ContainerEnd.Exited, null, false, "Received(1,NonZeroExit,last) Closed(WorkloadExited)", ErrorCode.NonZeroExit)]
    [InlineData(137, ContainerEnd.Exited, 9, true, "Received(1,OutOfMemory,last) Closed(OutOfMemory)", ErrorCode.OutOfMemory)]
    [InlineData(0, ContainerEnd.Exited, null, true, "Received(1) Closed(WorkloadExited)", null)]
    [InlineData(0, ContainerEnd.TimedOut, null, false, "Received(1,ExecutionTimeout,last) Closed(ExecutionTimeout)", ErrorCode.ExecutionTimeout)]
    [InlineData(143, ContainerEnd.Stopped, 15, false, "Received(1,Cancelled,last) Closed(Cancelled)", ErrorCode.Cancelled)]
    public void A_report_means(int code, ContainerEnd end, int? signal, bool outOfMemory, string steps, ErrorCode? error)
    {
        var driver = JobDriver.Started().Offer();
        driver.End(new RunEnd.Reported(driver.ReportOf(code, end, signal, outOfMemory)));
        Assert.Equal($"Opened Selected(1,w1) Sent(1.1) {steps}", driver.Operations);
        Assert.Equal(error, driver.Report.Error);
        Assert.Equal(error is null ? CloseKind.Completed : CloseKind.Failed, driver.Closed!.How);
        Assert.Equal(code, driver.Report.Outcome.Code);
        Assert.Empty(driver.Settlements);
    }

    [Theory]
    [InlineData(ErrorCode.ImageNotFound, TerminationReason.ImageError)]
    [InlineData(ErrorCode.ImageInvalid, TerminationReason.ImageError)]
    [InlineData(ErrorCode.ImageNotCompatible, TerminationReason.ImageError)]
    [InlineData(ErrorCode.InitFailed, TerminationReason.InitError)]
    [InlineData(ErrorCode.StartFailed, TerminationReason.StartFailure)]
    [InlineData(ErrorCode.NotAdmitted, TerminationReason.NotAdmitted)]
    [InlineData(ErrorCode.CannotResume, TerminationReason.ResumeFailed)]
    [InlineData(ErrorCode.InvalidJobSpec, TerminationReason.InternalError)]
    [InlineData(ErrorCode.InternalError, TerminationReason.InternalError)]
    public void An_error_that_no_other_attempt_cures_closes(ErrorCode code, TerminationReason reason)
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":3},"workerLost":{"max":3}}}""").Offer().Fail(code);
        if (driver.Settling is not null) driver.Settled();
        Assert.Equal($"Opened Selected(1,w1) Sent(1.1) Received(1,{code},last) Closed({reason})", driver.Operations);
        Assert.Equal(OutcomeKind.Unset, driver.Report.Outcome.Kind);
        Assert.Equal(1, driver.Report.AttemptsUsed);
    }

    [Theory]
    [InlineData("pull", ErrorCode.PullFailed)]
    [InlineData("init", ErrorCode.InitFailed)]
    [InlineData("runtimeUnavailable", ErrorCode.RuntimeUnavailable)]
    [InlineData("outOfMemory", ErrorCode.OutOfMemory)]
    [InlineData("timedOut", ErrorCode.ExecutionTimeout)]
    [InlineData("nonZero", ErrorCode.NonZeroExit)]
    public void Each_cause_has_its_own_budget_and_backoff(string cause, ErrorCode code)
    {
        var driver = JobDriver.Started(
            """{"process":["x"],"retry":{"CAUSE":{"max":2,"backoff":{"initial":"3s","factor":4,"max":"10s"}}}}""".Replace("CAUSE", cause, StringComparison.Ordinal)).Offer().Fail(code);
        Assert.Equal(TimeSpan.FromSeconds(3), driver.Timers[JobTimer.Backoff].Due - driver.Now);
        driver.Fire(JobTimer.Backoff).Offer().Fail(code);
        Assert.Equal(TimeSpan.FromSeconds(10), driver.Timers[JobTimer.Backoff].Due - driver.Now);
        driver.Fire(JobTimer.Backoff).Offer("w2").Fail(code);
        Assert.Equal(3, driver.Report.AttemptsUsed);
        Assert.Equal(code, driver.Report.Error);
    }

    [Fact]
    public void A_retry_prefers_another_worker_and_says_what_it_has_seen()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Offer("w7", incarnation: 4).Exit(1).Fire(JobTimer.Backoff);
        Assert.Equal([new ExcludedWorker(new("w7"), 4, "NonZeroExit")], driver.OpenAsk!.Excluded);
        Assert.Equal("lease-1", driver.OpenAsk.SeenReturned?.Value);
        Assert.Equal(2, driver.OpenAsk.Attempt);
    }

    [Fact]
    public void A_container_that_somebody_else_removed_is_told_as_that()
    {
        var driver = JobDriver.Started().Offer();
        driver.End(new RunEnd.Reported(driver.ReportOf(137) with { RemovedFromOutside = true }));
        Assert.Equal((TerminationReason.WorkloadExited, "The container was removed from outside: the workload ended with code 137."), (driver.Report.Reason, driver.Report.Message));
    }

    [Fact]
    public void An_answered_attempt_whose_lease_is_still_held_is_waited_for_and_never_sent_again()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":1}}}""").Offer().Exit(1).Fire(JobTimer.Backoff).Held();
        Assert.Single(driver.Sends);
        Assert.Equal([1, 2], Pauses(driver));
        driver.Fire(JobTimer.AskAgain).Offer("w2");
        Assert.Equal(2, driver.Sends.Count);

        static double[] Pauses(JobDriver driver)
        {
            var first = (driver.Timers[JobTimer.AskAgain].Due - driver.Now).TotalSeconds;
            driver.Fire(JobTimer.AskAgain).Held();
            return [first, (driver.Timers[JobTimer.AskAgain].Due - driver.Now).TotalSeconds];
        }
    }

    [Fact]
    public void An_offer_never_taken_is_given_back_and_the_next_attempt_is_asked_for_at_once()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.NotTaken());
        Assert.Equal((1, false), (driver.OpenAsk!.Attempt, driver.OpenAsk.Final));
        driver.Offer(attempt: 1);
        Assert.Equal((2, "lease-1"), (driver.OpenAsk!.Attempt, driver.OpenAsk.GiveBack?.Value));
        Assert.DoesNotContain("Exited", driver.Operations, StringComparison.Ordinal);
        driver.Offer("w2");
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,unreachable,again) Selected(2,w2) Sent(2.1)", driver.Operations);
    }

    [Fact]
    public void WorkerExited_is_recorded_in_the_task_that_supersedes_also_when_the_job_then_waits()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Expired().Fire(JobTimer.Backoff);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1)", driver.Operations);
        driver.Wait();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,again)", driver.Operations);
    }

    [Fact]
    public void A_silent_worker_that_returned_its_lease_without_a_word_has_crashed()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Returned().Fire(JobTimer.Backoff).Offer("w2");
        Assert.Contains("Exited(1,crashed,again)", driver.Operations, StringComparison.Ordinal);
        Assert.Equal("lease-1", driver.Asks[^1].SeenReturned?.Value);
    }

    [Fact]
    public void A_held_attempt_is_sent_again_after_the_receipt_deadline_doubling_to_five_minutes()
    {
        var driver = JobDriver.Started().Offer();
        List<double> pauses = [];
        for (var deliveries = 0; deliveries < 7; deliveries++)
        {
            driver.End(deliveries % 2 == 0 ? new RunEnd.Silent() : new RunEnd.NotTaken()).Held();
            pauses.Add((driver.Timers[JobTimer.Resend].Due - driver.Now).TotalSeconds);
            driver.Fire(JobTimer.Resend);
        }

        Assert.Equal([10, 20, 40, 80, 160, 300, 300], pauses);
        Assert.Equal(8, driver.OpenRun!.Input.Delivery);
        Assert.Equal(1, driver.OpenRun.Input.Attempt);
    }

    [Fact]
    public void A_revived_lease_gives_back_what_its_loss_had_cost()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Expired().Fire(JobTimer.Backoff).Held();
        Assert.Empty(driver.Progress.Excluded);
        Assert.Empty(driver.Progress.DeadWorkers);
        Assert.Equal(0, driver.Progress.RetriesUsed.Values.Sum());
        driver.Fire(JobTimer.Resend);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Sent(1.2)", driver.Operations);
    }

    [Fact]
    public void An_outcome_found_while_superseding_is_the_attempts_result()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Expired().Fire(JobTimer.Backoff);
        driver.Returned(driver.ReportOf(0));
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", driver.Operations);
        Assert.Equal(0, driver.Progress.RetriesUsed.Values.Sum());
    }

    [Fact]
    public void With_no_attempt_left_the_final_ask_decides()
    {
        var lost = JobDriver.Started("""{"process":["x"],"retry":{"workerLost":{"max":0}}}""").Offer().End(new RunEnd.Silent()).Expired();
        Assert.True(lost.OpenAsk!.Final);
        Assert.Equal(1, lost.OpenAsk.Attempt);
        lost.Expired().Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Closed(WorkerLost)", lost.Operations);

        var held = JobDriver.Started("""{"process":["x"],"retry":{"workerLost":{"max":0}}}""").Offer().End(new RunEnd.Silent()).Expired().Held();
        held.Fire(JobTimer.Resend).Exit();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(WorkloadExited)", held.Operations);
    }

    [Fact]
    public void The_final_ask_is_repeated_until_the_registry_answers()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"workerLost":{"max":0}}}""").Offer().End(new RunEnd.Silent()).Expired();
        driver.Unavailable().Fire(JobTimer.AskAgain).Unavailable().Fire(JobTimer.AskAgain);
        Assert.True(driver.OpenAsk!.Final);
    }

    [Fact]
    public void A_job_under_which_three_workers_died_is_poisoned_whatever_its_budget()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"workerLost":{"max":49}}}""");
        foreach (var worker in new[] { "w1", "w2", "w3" })
        {
            driver.Offer(worker).End(new RunEnd.Silent()).Expired();
            if (driver.Timers.ContainsKey(JobTimer.Backoff)) driver.Fire(JobTimer.Backoff);
        }

        driver.Expired().Settled();
        Assert.Equal(TerminationReason.Poisoned, driver.Report.Reason);
        Assert.Equal(3, driver.Report.AttemptsUsed);
    }

    [Fact]
    public void One_worker_lost_again_and_again_is_not_poison()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"workerLost":{"max":4}}}""");
        for (var attempts = 0; attempts < 4; attempts++) driver.Offer("w1", attempts).End(new RunEnd.Silent()).Expired().Fire(JobTimer.Backoff);
        driver.Offer("w1", 9).End(new RunEnd.Silent()).Expired().Expired().Settled();
        Assert.Equal(TerminationReason.WorkerLost, driver.Report.Reason);
    }

    [Fact]
    public void What_the_keeper_calls_poison_is_not_tried_again()
    {
        var driver = JobDriver.Started().Offer().Fail(ErrorCode.WorkerLost, poison: true).Settled();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,last) Closed(Poisoned)", driver.Operations);
    }

    [Fact]
    public void A_worker_without_the_registry_costs_its_own_budget_and_is_not_excluded()
    {
        var driver = JobDriver.Started().Offer().Fail(ErrorCode.RegistryUnavailable).Offer(attempt: 1).Fire(JobTimer.Backoff);
        Assert.Empty(driver.OpenAsk!.Excluded);
        Assert.Equal("lease-1", driver.OpenAsk.GiveBack?.Value);
        driver.Offer();
        Assert.Contains("Exited(1,registryUnavailable,again)", driver.Operations, StringComparison.Ordinal);
        Assert.Empty(driver.Progress.DeadWorkers);
    }

    [Fact]
    public void Registry_unavailable_with_the_lease_held_after_all_is_sent_again()
    {
        var driver = JobDriver.Started().Offer().Fail(ErrorCode.RegistryUnavailable).Held().Fire(JobTimer.Resend).Exit();
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(WorkloadExited)", driver.Operations);
    }

    [Fact]
    public void A_draining_worker_is_free()
    {
        var driver = JobDriver.Started();
        driver.Offer().End(new RunEnd.Reported(driver.ReportOf(143, ContainerEnd.Drained, 15)));
        Assert.Equal(2, driver.OpenAsk!.Attempt);
        driver.Offer("w2");
        Assert.Contains("Exited(1,draining,again)", driver.Operations, StringComparison.Ordinal);
    }

    [Fact]
    public void Fifty_attempts_are_the_most()
    {
        var driver = JobDriver.Started("""{"process":["x"],"retry":{"nonZero":{"max":49,"backoff":{"initial":"0s"}},"pull":{"max":49,"backoff":{"initial":"0s"}}}}""");
        for (var attempts = 0; driver.Closed is null; attempts++)
        {
            driver.Offer();
            if (attempts % 2 == 0) driver.Exit(1);
            else driver.Fail(ErrorCode.PullFailed);
        }

        Assert.Equal(JobLimits.AttemptsMax, driver.Report.AttemptsUsed);
    }

    [Fact]
    public void Memory_grows_with_each_attempt_that_ran_out_of_it()
    {
        var driver = JobDriver.Started("""{"process":["x"],"resources":{"memory":"100Mi"},"retry":{"outOfMemory":{"max":2,"memoryFactor":1.5}}}""").Offer();
        for (var attempts = 0; attempts < 2; attempts++)
        {
            driver.End(new RunEnd.Reported(driver.ReportOf(137, signal: 9, outOfMemory: true))).Fire(JobTimer.Backoff).Offer();
        }

        Assert.Equal([100L << 20, 150L << 20, 225L << 20], driver.Sends.Select(send => send.Input.MemoryBytes));
        Assert.Equal([null, 150L << 20, 225L << 20], driver.Asks.Select(ask => ask.MemoryBytes));
    }

    [Fact]
    public void An_attempt_that_the_row_has_superseded_by_our_own_ask_goes_on_from_there()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent()).Offer("w2", attempt: 2);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost,again) Selected(2,w2) Sent(2.1)", driver.Operations);
    }

    [Fact]
    public void A_worker_that_restarted_is_sent_it_again_under_its_new_incarnation()
    {
        var driver = JobDriver.Started().Offer().End(new RunEnd.Silent());
        driver.Answer(driver.Offered(incarnation: 2, attempt: 1) with { Kind = PlaceAnswerKind.Held }).Fire(JobTimer.Resend);
        Assert.Equal("worker:w1:2", driver.OpenRun!.Queue);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Sent(1.2)", driver.Operations);
    }
}
