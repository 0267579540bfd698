using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Activities;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Activities that the workflow cancels, in each of the three ways.</summary>
public sealed class ActivityCancelTests
{
    [Scenario("act-cancel-try")]
    public Task Cancel_try() => Play.RunAsync("act-cancel-try", async play =>
    {
        play.Worker<CancelTry>(options => options.AddActivity(WaitCancelAsync));
        await Play.EndedAsync(await play.StartAsync("CancelTry"));
    }, [Expected.NoCancelText("/result/payloads[0]/json[1]")], paced: true);

    [Workflow]
    public class CancelTry
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var chain = Chain.Of(await Step.FailureAsync(await CancelAfterTimerAsync<string>("waitCancel", [], ActivityCancellationType.TryCancel, TimeSpan.FromSeconds(1))));
            await Workflow.DelayAsync(500);
            return chain;
        }
    }

    [Scenario("act-cancel-wait")]
    public Task Cancel_wait() => Play.RunAsync("act-cancel-wait", async play =>
    {
        play.Worker<CancelWait>(options => options.AddActivity(WaitCancelAsync));
        await Play.EndedAsync(await play.StartAsync("CancelWait"));
    }, [Expected.NoCancelText("/result/payloads[0]/json[1]")]);

    [Workflow]
    public class CancelWait
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() =>
            Chain.Of(await Step.FailureAsync(await CancelAfterTimerAsync<string>("waitCancel", [], ActivityCancellationType.WaitCancellationCompleted, TimeSpan.FromSeconds(1))));
    }

    [Scenario("act-cancel-wait-ignored")]
    public Task Cancel_wait_ignored() => Play.RunAsync("act-cancel-wait-ignored", async play =>
    {
        play.Worker<CancelIgnored>(options => options.AddActivity(StubbornAsync));
        await play.EndAsync(await play.StartAsync("CancelIgnored"));
    });

    [Workflow]
    public class CancelIgnored
    {
        [WorkflowRun]
        public async Task<string> RunAsync() =>
            await await CancelAfterTimerAsync<string>("stubborn", [], ActivityCancellationType.WaitCancellationCompleted, TimeSpan.FromSeconds(1));
    }

    [Scenario("act-cancel-abandon")]
    public Task Cancel_abandon() => Play.RunAsync("act-cancel-abandon", async play =>
    {
        play.Worker<CancelAbandon>();
        await Play.EndedAsync(await play.StartAsync("CancelAbandon"));
    }, [Expected.NoCancelText("/result/payloads[0]/json[1]")], paced: true);

    [Workflow]
    public class CancelAbandon
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var chain = Chain.Of(await Step.FailureAsync(await CancelAfterTimerAsync<string>("sleepMs", [1500, "late"], ActivityCancellationType.Abandon, null)));
            await Workflow.DelayAsync(2000);
            return chain;
        }
    }

    [Scenario("act-cancel-before-sent")]
    public Task Cancel_before_sent() => Play.RunAsync("act-cancel-before-sent", async play =>
    {
        play.Worker<CancelUnsent>();
        await Play.EndedAsync(await play.StartAsync("CancelUnsent"));
    }, [Expected.NoCancelText("/result/payloads[0]/json[1]"), Expected.NoCancelText("/result/payloads[0]/json[3]")]);

    [Workflow]
    public class CancelUnsent
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() =>
        [
            .. await CancelAtOnceAsync("a", ActivityCancellationType.TryCancel),
            .. await CancelAtOnceAsync("b", ActivityCancellationType.WaitCancellationCompleted),
            await Step.EchoAsync("c"),
        ];

        private static async Task<string[]> CancelAtOnceAsync(string what, ActivityCancellationType type)
        {
            using var cancel = new CancellationTokenSource();
            var call = Step.RemoteAsync<string>("echo", [what], options => (options.CancellationType, options.CancellationToken) = (type, cancel.Token));
            cancel.Cancel();
            return Chain.Of(await Step.FailureAsync(call));
        }
    }

    /// <summary>Starts an activity and a timer of 300 ms, and cancels the activity when that has fired.</summary>
    private static async Task<Task<T>> CancelAfterTimerAsync<T>(string activity, object?[] args, ActivityCancellationType type, TimeSpan? heartbeat)
    {
        using var cancel = new CancellationTokenSource();
        var call = Step.RemoteAsync<T>(activity, args, options =>
        {
            options.StartToCloseTimeout = TimeSpan.FromSeconds(30);
            options.HeartbeatTimeout = heartbeat;
            options.RetryPolicy = new() { MaximumAttempts = 1 };
            options.CancellationType = type;
            options.CancellationToken = cancel.Token;
        });
        await Workflow.DelayAsync(300);
        cancel.Cancel();
        return call;
    }

    [Activity("waitCancel")]
    private static async Task<string> WaitCancelAsync()
    {
        while (true)
        {
            ActivityExecutionContext.Current.Heartbeat();
            await Task.Delay(100, ActivityExecutionContext.Current.CancellationToken);
        }
    }

    [Activity("stubborn")]
    private static async Task<string> StubbornAsync()
    {
        while (!ActivityExecutionContext.Current.CancellationToken.IsCancellationRequested)
        {
            ActivityExecutionContext.Current.Heartbeat();
            await Task.Delay(100);
        }

        return "done anyway";
    }
}
