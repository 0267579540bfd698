using System.Threading.Channels;
using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Activities: results, retries, heartbeats, time-outs, and completion from outside.</summary>
public sealed class ActivityTests
{
    [Scenario("act-success")]
    public Task Success() => Play.RunAsync("act-success", async play =>
    {
        play.Worker<OneActivity>();
        await play.EndAsync(await play.StartAsync("OneActivity", ["a"]));
    });

    [Workflow]
    public class OneActivity
    {
        [WorkflowRun]
        public Task<string> RunAsync(string first) => Step.RemoteAsync<string>("concat", [first, "b", "c"]);
    }

    [Scenario("act-retry-success")]
    public Task Retry_success() => Play.RunAsync("act-retry-success", async play =>
    {
        play.Worker<RetryOk>();
        await play.EndAsync(await play.StartAsync("RetryOk"));
    });

    [Workflow]
    public class RetryOk
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Step.RemoteAsync<int>("succeedOnAttempt", [3], options => options.RetryPolicy = Step.Retry(100, 1));
    }

    [Scenario("act-next-retry-delay")]
    public Task Next_retry_delay() => Play.RunAsync("act-next-retry-delay", async play =>
    {
        play.Worker<NextDelay>(options => options.AddActivity(
            [Activity("delayed")] () => ActivityExecutionContext.Current.Info.Attempt == 2 ? 2 : throw new ApplicationFailureException("wait", "Wait", nextRetryDelay: Step.Ms(300))));
        await play.EndAsync(await play.StartAsync("NextDelay"));
    });

    [Workflow]
    public class NextDelay
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Step.RemoteAsync<int>("delayed", [], options => options.RetryPolicy = new() { InitialInterval = TimeSpan.FromSeconds(60), MaximumInterval = TimeSpan.FromSeconds(60) });
    }

    [Scenario("act-other-queue")]
    public Task Other_queue() => Play.RunAsync("act-other-queue", async play =>
    {
        play.Worker<OtherQueue>(options => options.Activities.Clear());
        play.Worker([], options => (options.TaskQueue, options.Identity) = ("truth-act-other-queue-2", "truth-worker2"));
        await play.EndAsync(await play.StartAsync("OtherQueue"));
    });

    [Workflow]
    public class OtherQueue
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Step.RemoteAsync<string>("echo", ["there"], options => options.TaskQueue = "truth-act-other-queue-2");
    }

    [Scenario("act-unknown-type")]
    public Task Unknown_type() => Play.RunAsync("act-unknown-type", async play =>
    {
        play.Worker<UnknownActivity>();
        await Play.EndedAsync(await play.StartAsync("UnknownActivity"));
    }, [
        new("/failure/message", "how a worker says that it has no such activity is the SDK's wording"),
        new("/result/payloads[0]/json[1]", "the same wording, which the workflow returns"),
    ]);

    [Workflow]
    public class UnknownActivity
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() => Chain.Of(await Step.FailureAsync(Step.RemoteAsync<object?>("nobodyKnows", [1], options => options.RetryPolicy = new() { MaximumAttempts = 1 })));
    }

    [Scenario("act-heartbeat-details")]
    public Task Heartbeat_details() => Play.RunAsync("act-heartbeat-details", async play =>
    {
        play.Worker<Progress>(options => options.AddActivity(ProgressOnceAsync));
        await play.EndAsync(await play.StartAsync("Progress"));
    });

    [Activity("progress")]
    private static async Task<object> ProgressOnceAsync()
    {
        var context = ActivityExecutionContext.Current;
        if (context.Info.Attempt == 2)
            return new { attempt = 2, details = new object[] { await context.Info.HeartbeatDetailAtAsync<int>(0), await context.Info.HeartbeatDetailAtAsync<string>(1) } };
        context.Heartbeat(1);
        context.Heartbeat(2, "two");
        await Task.Delay(300);
        throw new ApplicationFailureException("once", "Once");
    }

    [Workflow]
    public class Progress
    {
        [WorkflowRun]
        public Task<object?> RunAsync() => Step.RemoteAsync<object?>("progress", [], options =>
        {
            options.HeartbeatTimeout = TimeSpan.FromSeconds(2);
            options.RetryPolicy = Step.Retry(100);
        });
    }

    [Scenario("act-heartbeat-throttle")]
    public Task Heartbeat_throttle() => Play.RunAsync("act-heartbeat-throttle", async play =>
    {
        play.Worker<Chatty>(options => options.AddActivity(ChatAsync));
        await play.EndAsync(await play.StartAsync("Chatty"));
    });

    [Activity("chatty")]
    private static async Task<int> ChatAsync()
    {
        for (var i = 0; i < 40; i++)
        {
            ActivityExecutionContext.Current.Heartbeat(i);
            await Task.Delay(50);
        }

        return 40;
    }

    [Workflow]
    public class Chatty
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Step.RemoteAsync<int>("chatty", [], options => options.HeartbeatTimeout = TimeSpan.FromSeconds(1));
    }

    [Scenario("act-timeouts")]
    public Task Timeouts() => Play.RunAsync("act-timeouts", async play =>
    {
        // The third activity is to time out between two attempts, so that nobody takes the next one up.
        var failed = new TaskCompletionSource();
        var failWith = [Activity("failWith")] (string message, string type, bool nonRetryable) =>
        {
            failed.TrySetResult();
            throw new ApplicationFailureException(message, type, nonRetryable);
        };
        play.Worker<TimeoutsOfEachKind>(options => options.Activities.Clear());
        var activities = play.Worker([], options =>
        {
            options.Activities.Clear();
            options.AddActivity(SharedActivities.SleepAsync).AddActivity(failWith);
        });
        var handle = await play.StartAsync("Timeouts");
        await failed.Task;
        await activities.StopAsync();
        await play.UntilAsync(handle, EventType.ActivityTaskTimedOut, 3);
        play.Worker([]);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow("Timeouts")]
    public class TimeoutsOfEachKind
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() =>
        [
            .. Chain.WithRetryState(await Step.FailureAsync(Step.RemoteAsync<string>("sleepMs", [60_000, "x"], options =>
            {
                options.StartToCloseTimeout = Step.Ms(500);
                options.RetryPolicy = new() { MaximumAttempts = 1 };
            }))),
            .. Chain.WithRetryState(await Step.FailureAsync(Step.RemoteAsync<string>("echo", ["x"], options =>
            {
                options.TaskQueue = "truth-nobody";
                options.ScheduleToStartTimeout = Step.Ms(400);
            }))),
            .. Chain.WithRetryState(await Step.FailureAsync(Step.RemoteAsync<object?>("failWith", ["again", "T", false], options =>
            {
                options.StartToCloseTimeout = null;
                options.ScheduleToCloseTimeout = Step.Ms(700);
                options.RetryPolicy = Step.Retry(200, 1);
            }))),
            .. Chain.WithRetryState(await Step.FailureAsync(Step.RemoteAsync<string>("sleepMs", [60_000, "x"], options =>
            {
                options.HeartbeatTimeout = Step.Ms(500);
                options.RetryPolicy = new() { MaximumAttempts = 1 };
            }))),
        ];
    }

    [Scenario("act-async-complete")]
    public Task Async_complete() => Play.RunAsync("act-async-complete", async play =>
    {
        var handed = Channel.CreateUnbounded<(string How, byte[] Token)>();
        play.Worker<AsyncAct>(options => options.AddActivity([Activity("external")] async (string how) =>
        {
            await handed.Writer.WriteAsync((how, ActivityExecutionContext.Current.Info.TaskToken));
            throw new CompleteAsyncException();
        }));
        var handle = await play.StartAsync("AsyncAct");

        var (how, token) = await handed.Reader.ReadAsync();
        Assert.Equal("complete", how);
        var activity = play.Client.GetAsyncActivityHandle(token);
        await activity.HeartbeatAsync(new() { Details = [5] });
        await activity.CompleteAsync("r1");

        (how, _) = await handed.Reader.ReadAsync();
        Assert.Equal("byId", how);
        await play.Client.GetAsyncActivityHandle(handle.Id, "", "2").CompleteAsync("r2");

        (how, token) = await handed.Reader.ReadAsync();
        Assert.Equal("fail", how);
        await play.Client.GetAsyncActivityHandle(token).FailAsync(new ApplicationFailureException("ext", "Ext"));
        await play.EndAsync(handle);
    });

    [Workflow]
    public class AsyncAct
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() =>
            [await ExternalAsync("complete"), await ExternalAsync("byId"), .. Chain.Of(await Step.FailureAsync(ExternalAsync("fail")))];

        private static Task<string> ExternalAsync(string how) => Step.RemoteAsync<string>("external", [how], options =>
        {
            options.StartToCloseTimeout = TimeSpan.FromSeconds(20);
            options.HeartbeatTimeout = TimeSpan.FromSeconds(10);
            options.RetryPolicy = new() { MaximumAttempts = 1 };
            options.CancellationType = ActivityCancellationType.WaitCancellationCompleted;
        });
    }

    [Scenario("act-outlives-shutdown")]
    public Task Outlives_shutdown() => Play.RunAsync("act-outlives-shutdown", async play =>
    {
        var running = new TaskCompletionSource();
        var longOne = [Activity("longOne")] async () =>
        {
            if (ActivityExecutionContext.Current.Info.Attempt > 1)
                return "second";
            running.SetResult();
            await Task.Delay(TimeSpan.FromSeconds(60), ActivityExecutionContext.Current.CancellationToken);
            return "first";
        };
        var first = play.Worker<Outlives>(options =>
        {
            options.GracefulShutdownTimeout = Step.Ms(300);
            options.AddActivity(longOne);
        });
        var handle = await play.StartAsync("Outlives");
        await running.Task;
        await first.StopAsync();
        play.Worker<Outlives>(options => options.AddActivity(longOne));
        await play.EndAsync(handle);
    });

    [Workflow]
    public class Outlives
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Step.RemoteAsync<string>("longOne", [], options =>
        {
            options.StartToCloseTimeout = TimeSpan.FromSeconds(120);
            options.HeartbeatTimeout = TimeSpan.FromSeconds(30);
            options.RetryPolicy = Step.Retry(200);
        });
    }

    [Scenario("act-graceful-completes")]
    public Task Graceful_completes() => Play.RunAsync("act-graceful-completes", async play =>
    {
        var first = play.Worker<Graceful>(options => options.GracefulShutdownTimeout = TimeSpan.FromSeconds(5));
        var handle = await play.StartAsync("Graceful");
        await play.UntilAsync(handle, EventType.ActivityTaskScheduled);
        await Task.Delay(200);
        await first.StopAsync();
        play.Worker<Graceful>();
        await play.EndAsync(handle);
    });

    [Workflow]
    public class Graceful
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Step.RemoteAsync<string>("sleepMs", [700, "in time"]);
    }
}
