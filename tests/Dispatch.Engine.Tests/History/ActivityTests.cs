using Dispatch.Engine.History;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Tests.History;

public class ActivityTests
{
    [Fact]
    public void A_retried_activity_writes_its_start_once_with_the_last_attempt()
    {
        var run = Scheduled(attributes => attributes.RetryPolicy = new RetryPolicy { MaximumAttempts = 3 });
        Fail(run, "first");
        Assert.Equal(TimeSpan.FromSeconds(1), run.State.FindActivity("a")!.RetryInterval);
        run.Wait(1);
        Fail(run, "second");
        run.Wait(2);
        Fail(run, "third");
        Assert.Equal("Started S St C ActivityScheduled ActivityStarted ActivityFailed S", run.Story);
        Assert.Equal(3, run.Events[5].ActivityTaskStartedEventAttributes.Attempt);
        Assert.Equal("second", run.Events[5].ActivityTaskStartedEventAttributes.LastFailure.Message);
        Assert.Equal(RetryState.MaximumAttemptsReached, run.Events[6].ActivityTaskFailedEventAttributes.RetryState);
    }

    [Fact]
    public void A_retry_is_dispatched_when_its_back_off_is_over_and_not_before()
    {
        var run = Scheduled();
        Fail(run, "oops");
        var before = run.Effects.Count;
        run.Wait(0.9);
        Assert.Equal(before, run.Effects.Count);
        run.Wait(0.1);
        Assert.IsType<Effect.DispatchActivity>(run.Effects[^1]);
    }

    [Theory]
    [InlineData(TimeoutType.ScheduleToStart, 3, false, RetryState.Timeout)]
    [InlineData(TimeoutType.ScheduleToClose, 20, false, RetryState.Timeout)]
    [InlineData(TimeoutType.StartToClose, 5, true, RetryState.MaximumAttemptsReached)]
    [InlineData(TimeoutType.Heartbeat, 2, true, RetryState.MaximumAttemptsReached)]
    public void Each_time_out_ends_the_activity(TimeoutType type, double seconds, bool isStarted, RetryState retryState)
    {
        var run = Scheduled(attributes =>
        {
            attributes.RetryPolicy = new RetryPolicy { MaximumAttempts = 1 };
            attributes.ScheduleToCloseTimeout = TimeSpan.FromSeconds(20).ToProto();
            attributes.StartToCloseTimeout = TimeSpan.FromSeconds(5).ToProto();
            attributes.ScheduleToStartTimeout = type == TimeoutType.ScheduleToStart ? TimeSpan.FromSeconds(3).ToProto() : null;
            attributes.HeartbeatTimeout = type == TimeoutType.Heartbeat ? TimeSpan.FromSeconds(2).ToProto() : null;
        });
        if (isStarted)
        {
            run.StartActivity("a");
        }

        run.Wait(seconds - 0.001);
        Assert.NotNull(run.State.FindActivity("a"));
        run.Wait(0.001);
        var timedOut = run.Events.Single(happened => happened.EventType == EventType.ActivityTaskTimedOut).ActivityTaskTimedOutEventAttributes;
        Assert.Equal(type, timedOut.Failure.TimeoutFailureInfo.TimeoutType);
        Assert.Equal(retryState, timedOut.RetryState);
        Assert.Equal(isStarted, timedOut.StartedEventId > 0);
    }

    [Fact]
    public void A_heartbeat_pushes_its_time_out_and_its_details_reach_the_next_attempt()
    {
        var run = Scheduled(attributes => attributes.HeartbeatTimeout = TimeSpan.FromSeconds(2).ToProto());
        var activity = run.StartActivity("a");
        run.Wait(1.5);
        var details = new Payloads { Payloads_ = { new Payload() } };
        activity = run.Decide(decision => Activities.Heartbeat(decision, activity, details, ""));
        run.Wait(1.9);
        Assert.True(run.State.FindActivity("a")!.IsStarted);
        run.Wait(0.1);
        Assert.False(run.State.FindActivity("a")!.IsStarted);
        run.Wait(1);
        var second = run.StartActivity("a");
        Assert.Equal((2, details), (second.Attempt, second.HeartbeatDetails));
    }

    [Fact]
    public void Cancelling_before_the_start_ends_it_at_once()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Activity("a"), Commands.CancelActivity(5));
        Assert.Equal("Started S St C ActivityScheduled ActivityCancelRequested ActivityCanceled S", run.Story);
    }

    [Fact]
    public void Cancelling_what_closed_while_the_task_ran_is_noted_and_changes_nothing()
    {
        var run = Scheduled();
        var activity = run.StartActivity("a");
        run.Signal();
        run.TakeTask();
        run.Decide(decision => Activities.Complete(decision, activity, null, "worker"));
        run.Complete(Commands.CancelActivity(5));
        Assert.Equal("Started S St C ActivityScheduled Signaled S St C ActivityCancelRequested ActivityStarted ActivityCompleted S", run.Story);
    }

    [Fact]
    public void A_cancelled_activity_is_not_retried()
    {
        var run = Scheduled();
        run.StartActivity("a");
        run.Signal();
        run.TakeTask();
        run.Complete(Commands.CancelActivity(5));
        var activity = run.State.FindActivity("a")!;
        run.Decide(decision => Activities.Fail(decision, activity, Commands.Broken(), "worker"));
        Assert.Equal(RetryState.CancelRequested, run.Events.Last(e => e.ActivityTaskFailedEventAttributes is not null).ActivityTaskFailedEventAttributes.RetryState);
    }

    [Fact]
    public void A_result_over_the_limit_fails_the_activity_for_good()
    {
        var run = Scheduled();
        var activity = run.StartActivity("a");
        var large = new Payloads { Payloads_ = { new Payload { Data = Google.Protobuf.ByteString.CopyFrom(new byte[HistoryLimits.BlobBytesMax + 1]) } } };
        run.Decide(decision => Activities.Complete(decision, activity, large, "worker"));
        Assert.Equal("Started S St C ActivityScheduled ActivityStarted ActivityFailed S", run.Story);
    }

    [Fact]
    public void Only_so_many_activities_may_be_pending()
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete([.. Enumerable.Range(0, HistoryLimits.PendingActivitiesMax).Select(i => Commands.Activity($"a{i}"))]);
        Assert.Equal(HistoryLimits.PendingActivitiesMax, run.State.Activities.Count);
        run.Signal();
        run.TakeTask();
        var outcome = run.Complete(Commands.Activity("one too many"));
        Assert.StartsWith("PendingActivitiesLimitExceeded", outcome.Refusal!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(7, 64)]
    [InlineData(8, 100)]
    [InlineData(1000, 100)]
    public void Back_off_doubles_up_to_a_hundred_times_the_first_interval(int attempt, double seconds)
    {
        var (state, delay) = RetryPolicies.Next(RetryPolicies.Filled(null), attempt, Commands.Broken(), default, null);
        Assert.Equal((RetryState.InProgress, TimeSpan.FromSeconds(seconds)), (state, delay));
    }

    private static ScriptedRun Scheduled(Action<ScheduleActivityTaskCommandAttributes>? change = null)
    {
        var run = new ScriptedRun();
        run.TakeTask();
        run.Complete(Commands.Activity("a", change));
        return run;
    }

    private static void Fail(ScriptedRun run, string message)
    {
        var activity = run.StartActivity("a");
        run.Decide(decision => Activities.Fail(decision, activity, Commands.Broken(message), "worker"));
    }
}
