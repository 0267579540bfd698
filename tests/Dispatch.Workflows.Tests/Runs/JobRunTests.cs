using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>The real workflow on the embedded engine: how a job runs and ends.</summary>
public sealed class JobRunTests(JobWorld world) : IClassFixture<JobWorld>
{
    [Fact]
    public async Task A_job_placed_at_once_that_succeeds_takes_one_ask_two_tasks_and_at_most_eighteen_events()
    {
        var run = await world.RunAsync("success", new(), """{"process":["true"],"name":"first","owner":"ann","labels":{"team":"a"}}""");
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", run.Steps);
        Assert.Null(run.Failure);
        Assert.Equal(0, run.Report!.Outcome.Code);
        Assert.InRange(run.History.Events.Count, 1, 18);
        Assert.Equal(2, run.Count(EventType.WorkflowTaskCompleted));
        Assert.Equal(2, run.Count(EventType.WorkflowPropertiesModified));
        Assert.Equal(1, run.Count(EventType.MarkerRecorded));
        Assert.Single(run.Asks);
        Assert.Empty(run.Settlements);
        Assert.Equal("cli", run.Operations[0].Trigger);
        Assert.Equal(DispatchVersion.Current, run.Operations[2].Version);
        Assert.All(run.Operations, op => Assert.InRange(OperationJson.Write(op).Length, 1, OperationJson.BytesMax));
    }

    [Fact]
    public async Task RunContainer_is_scheduled_as_the_hand_over_says()
    {
        var run = await world.RunAsync("run-options", new());
        var scheduled = run.History.Events.Single(recorded => recorded.ActivityTaskScheduledEventAttributes is not null).ActivityTaskScheduledEventAttributes;
        Assert.Equal("RunContainer", scheduled.ActivityType.Name);
        Assert.Equal("worker:w1:1", scheduled.TaskQueue.Name);
        Assert.Equal(TimeSpan.FromDays(365), scheduled.StartToCloseTimeout.ToTimeSpan());
        Assert.Equal(JobScript.Times.Receipt, scheduled.ScheduleToStartTimeout.ToTimeSpan());
        Assert.Equal(JobScript.Times.HeartbeatTimeout, scheduled.HeartbeatTimeout.ToTimeSpan());
        Assert.Equal(1, scheduled.RetryPolicy.MaximumAttempts);
        Assert.Equal(3, scheduled.Priority.PriorityKey);
    }

    [Fact]
    public async Task An_exit_code_that_is_no_success_fails_the_job_with_its_report()
    {
        var run = await world.RunAsync("exit-3", new() { Run = input => Task.FromResult(JobScript.Exit(input, 3)) });
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Closed(WorkloadExited)", run.Steps);
        Assert.Equal("NonZeroExit", run.FailureType);
        Assert.True(((ApplicationFailureException)run.Failure!).NonRetryable);
        Assert.Equal((OutcomeKind.Failure, 3), (run.Report!.Outcome.Kind, run.Report.Outcome.Code!.Value));
    }

    [Fact]
    public async Task An_exit_code_can_be_data()
    {
        var run = await world.RunAsync("exit-data", new() { Run = input => Task.FromResult(JobScript.Exit(input, 3)) }, """{"process":["x"],"exit":{"nonZero":"data"}}""");
        Assert.Null(run.Failure);
        Assert.Equal(3, run.Report!.Outcome.Code);
    }

    [Fact]
    public async Task Retries_are_counted_in_the_history()
    {
        var run = await world.RunAsync(
            "retry-non-zero",
            new() { Run = input => Task.FromResult(JobScript.Exit(input, 1)) },
            """{"process":["x"],"retry":{"nonZero":{"max":2,"backoff":{"initial":"50ms","factor":2,"max":"1s"}}}}""");
        Assert.Equal(3, run.Report!.AttemptsUsed);
        Assert.Equal("NonZeroExit", run.FailureType);
        Assert.Equal([1, 2, 3], run.Asks.Select(ask => ask.Attempt));
        Assert.Equal("success-2".Replace("success", "retry-non-zero", StringComparison.Ordinal), run.Asks[2].SeenReturned?.Value);
        Assert.Contains("Received(3,NonZeroExit) Closed(WorkloadExited)", run.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_grows_after_out_of_memory()
    {
        var run = await world.RunAsync(
            "out-of-memory",
            new() { Run = input => Task.FromResult(JobScript.Exit(input, 137, signal: 9) with { Outcome = new() { Code = 137, Signal = 9, OutOfMemory = true } }) },
            """{"process":["x"],"resources":{"memory":"64Mi"},"retry":{"outOfMemory":{"max":1,"memoryFactor":2,"backoff":{"initial":"50ms"}}}}""");
        Assert.Equal(TerminationReason.OutOfMemory, run.Reason);
        Assert.Equal([null, 128L << 20], run.Asks.Select(ask => ask.MemoryBytes));
    }

    [Theory]
    [InlineData(ErrorCode.ImageNotFound, TerminationReason.ImageError)]
    [InlineData(ErrorCode.InitFailed, TerminationReason.InitError)]
    [InlineData(ErrorCode.StartFailed, TerminationReason.StartFailure)]
    [InlineData(ErrorCode.NotAdmitted, TerminationReason.NotAdmitted)]
    [InlineData(ErrorCode.CannotResume, TerminationReason.ResumeFailed)]
    [InlineData(ErrorCode.InternalError, TerminationReason.InternalError)]
    public async Task What_a_worker_cannot_do_ends_the_job_under_its_own_code(ErrorCode code, TerminationReason reason)
    {
        var run = await world.RunAsync($"worker-{code}", new() { Run = _ => throw JobScript.Failure(code) });
        Assert.Equal($"Opened Selected(1,w1) Sent(1.1) Received(1,{code}) Closed({reason})", run.Steps);
        Assert.Equal(code.ToString(), run.FailureType);
        Assert.Equal($"text of {code}", run.Report!.Message);
    }

    [Fact]
    public async Task A_pull_that_fails_is_tried_again_and_then_is_an_image_error()
    {
        var run = await world.RunAsync(
            "pull-failed",
            new() { Run = _ => throw JobScript.Failure(ErrorCode.PullFailed) },
            """{"process":["x"],"retry":{"pull":{"max":1,"backoff":{"initial":"50ms"}}}}""");
        Assert.Equal((TerminationReason.ImageError, "PullFailed", 2), (run.Reason, run.FailureType, run.Report!.AttemptsUsed));
    }

    [Fact]
    public async Task The_run_deadline_is_the_workers_word()
    {
        var run = await world.RunAsync("run-timeout", new() { Run = input => Task.FromResult(JobScript.Exit(input, 143, ContainerEnd.TimedOut, signal: 15)) });
        Assert.Equal((TerminationReason.ExecutionTimeout, "ExecutionTimeout"), (run.Reason, run.FailureType));
        Assert.Equal(143, run.Report!.Outcome.Code);
    }

    [Theory]
    [InlineData(ErrorCode.NotAdmitted, TerminationReason.NotAdmitted)]
    [InlineData(ErrorCode.NoEligibleWorker, TerminationReason.NoEligibleWorker)]
    public async Task What_the_placer_refuses_ends_the_job(ErrorCode code, TerminationReason reason)
    {
        var run = await world.RunAsync(
            $"refused-{code}", new() { Place = ask => new() { Kind = PlaceAnswerKind.Refused, Attempt = ask.Attempt, Error = code, Why = "the pool says no" } });
        Assert.Equal($"Opened Closed({reason})", run.Steps);
        Assert.Equal((code.ToString(), "the pool says no"), (run.FailureType, run.Report!.Message));
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("silent")]
    [InlineData("given-up")]
    public async Task A_settlement_that_is_not_written_keeps_no_job_from_its_end(string how)
    {
        var run = await world.RunAsync(
            $"settlement-{how}",
            new()
            {
                Place = ask => new() { Kind = PlaceAnswerKind.Refused, Attempt = ask.Attempt, Error = ErrorCode.NotAdmitted, Why = "the pool says no" },
                Settles = given => how switch
                {
                    "refused" => throw new DispatchException(ErrorCode.InternalError, "the rows contradict themselves"),
                    "silent" => Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None),
                    _ => Task.Delay(Timeout.Infinite, given),
                },
            });
        Assert.Equal("Opened Closed(NotAdmitted)", run.Steps);
        Assert.Equal("the pool says no", run.Report!.Message);
    }

    [Fact]
    public async Task A_host_that_stands_still_while_the_placer_is_asked_costs_an_ask_and_not_the_job()
    {
        using var still = new ManualResetEventSlim();
        var run = await world.RunAsync("ask-timed-out", new()
        {
            Thinks = ask =>
            {
                // Longer than the local activity may take, and deaf to its end.
                if (ask.Ask == 1) still.Wait(TimeSpan.FromSeconds(4));
                return Task.CompletedTask;
            },
        });
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", run.Steps);
        Assert.Equal(2, run.Asks.Count);
    }

    [Fact]
    public async Task A_job_that_nobody_has_room_for_times_out_in_the_queue_and_says_why()
    {
        var run = await world.RunAsync("queue-timeout", new() { Place = ask => JobScript.Waiting(ask) }, """{"process":["x"],"timeouts":{"queue":"300ms"}}""");
        Assert.Equal("Opened Closed(QueueTimeout)", run.Steps);
        Assert.Contains("no room", run.Report!.Message!, StringComparison.Ordinal);
        Assert.Equal(TerminationReason.QueueTimeout, Assert.Single(run.Settlements).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_whole_job_has_a_deadline(bool sent)
    {
        var run = await world.RunAsync(
            $"total-timeout-{(sent ? "sent" : "queued")}",
            new() { Place = ask => sent ? JobScript.Offer(ask) : JobScript.Waiting(ask), Run = JobScript.UntilStopped },
            """{"process":["x"],"timeouts":{"total":"800ms"}}""");
        Assert.Equal((TerminationReason.ExecutionTimeout, "ExecutionTimeout"), (run.Reason, run.FailureType));
        Assert.Equal(sent ? 143 : null, run.Report!.Outcome.Code);
    }

    [Fact]
    public async Task A_nudge_makes_a_waiting_job_ask_again()
    {
        var room = false;
        var handle = await world.StartAsync("nudged", new() { Place = ask => room ? JobScript.Offer(ask) : JobScript.Waiting(ask) });
        await JobWorld.UntilAsync(async () => (await handle.QueryAsync<RecordedPlacement?>(JobNames.Why, []))?.Kind == PlaceAnswerKind.Waiting, "it waits");
        Assert.Equal(JobState.Queued, (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).State);
        room = true;
        await handle.SignalAsync(JobNames.Nudge, []);
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", run.Steps);
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_only_delays()
    {
        var run = await world.RunAsync(
            "unavailable",
            new() { Place = ask => ask.Ask == 1 ? throw new TimeoutException("no route") : JobScript.Offer(ask) });
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", run.Steps);
        Assert.Equal(2, run.Asks.Count);
    }
}
