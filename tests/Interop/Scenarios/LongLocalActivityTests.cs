using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Local activities that outlast their workflow task, or their worker. All of these depend on the clock: the SDK heartbeats a task at 80 % of its time-out.</summary>
public sealed class LongLocalActivityTests
{
    private static void TwoSeconds(WorkflowOptions options) => options.TaskTimeout = TimeSpan.FromSeconds(2);

    private static Task<string> SleepAsync(int milliseconds, string then) =>
        Step.LocalAsync<string>("sleepMs", [milliseconds, then], options => options.StartToCloseTimeout = TimeSpan.FromSeconds(20));

    [Scenario("la-long-heartbeat")]
    public Task Long_heartbeat() => Play.RunAsync("la-long-heartbeat", async play =>
    {
        play.Worker<LocalLong>();
        await play.EndAsync(await play.StartAsync("LocalLong", more: TwoSeconds));
    }, paced: true);

    [Workflow]
    public class LocalLong
    {
        [WorkflowRun]
        public Task<string> RunAsync() => SleepAsync(4500, "long");
    }

    [Scenario("la-long-mixed-heartbeat")]
    public Task Long_mixed_heartbeat() => Play.RunAsync("la-long-mixed-heartbeat", async play =>
    {
        play.Worker<LocalLongMixed>();
        var handle = await play.StartAsync("LocalLongMixed", more: TwoSeconds);
        await Task.Delay(1000);
        await handle.SignalAsync("mark", ["s1"]);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class LocalLongMixed
    {
        private readonly List<string> _marks = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var first = SleepAsync(300, "a");
            var second = SleepAsync(3500, "b");
            var a = await first;
            var third = SleepAsync(600, "c");
            return [a, await second, await third, .. _marks];
        }

        [WorkflowSignal("mark")]
        public Task MarkAsync(string name)
        {
            _marks.Add(name);
            return Task.CompletedTask;
        }
    }

    [Scenario("la-update-query-during")]
    public Task Update_and_query_during() => Play.RunAsync("la-update-query-during", async play =>
    {
        play.Worker<LocalBusy>();
        var handle = await play.StartAsync("LocalBusy", more: TwoSeconds);
        await Task.Delay(500);
        var update = handle.ExecuteUpdateAsync<string>("note", ["u"], new("u1"));
        var query = handle.QueryAsync<int>("count", []);
        play.Saw("u1", await update);
        play.Saw("query", await query);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class LocalBusy
    {
        private readonly List<string> _notes = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync() => [await SleepAsync(4000, "busy"), .. _notes];

        [WorkflowUpdate("note")]
        public Task<string> NoteAsync(string note)
        {
            _notes.Add(note);
            return Task.FromResult($"noted {note}");
        }

        [WorkflowQuery("count")]
        public int Count() => _notes.Count;
    }

    [Scenario("la-worker-lost")]
    public Task Worker_lost() => Play.RunAsync("la-worker-lost", async play =>
    {
        play.Saw("result1", await LoseAsync("la-worker-lost-1", 1000, 500, "truth-worker1", "truth-worker2"));
        play.Saw("result2", await LoseAsync("la-worker-lost-2", 2500, 2200, "truth-worker3", "truth-worker4"));

        async Task<string[]> LoseAsync(string id, int duration, int cutAfter, string loser, string finder)
        {
            var (client, gate) = await play.ConnectThroughGateAsync();
            var lost = play.Worker([typeof(LocalLost)], options => options.Identity = loser, client);
            var handle = await play.StartAsync("LocalLost", [duration], TwoSeconds, id);
            await Task.Delay(cutAfter);
            gate.Cut();
            await using var second = play.Worker<LocalLost>(options => options.Identity = finder);
            var result = await handle.GetResultAsync<string[]>();
            gate.Open();
            await lost.StopAsync();
            return result;
        }
    }, paced: true);

    [Workflow]
    public class LocalLost
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync(int duration) =>
        [
            await Step.LocalEchoAsync("first"),
            await Step.LocalAsync<string>("sleepMs", [duration, "second"], options => options.StartToCloseTimeout = TimeSpan.FromSeconds(30)),
        ];
    }

    [Scenario("la-shutdown")]
    public Task Shutdown() => Play.RunAsync("la-shutdown", async play =>
    {
        var first = play.Worker<LocalShutdown>();
        var handle = await play.StartAsync("LocalShutdown", more: options => options.TaskTimeout = TimeSpan.FromSeconds(4));
        await Task.Delay(400);
        await first.StopAsync();
        play.Worker<LocalShutdown>(options => options.Identity = "truth-worker2");
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class LocalShutdown
    {
        [WorkflowRun]
        public Task<string> RunAsync() => SleepAsync(1500, "sd");
    }

    [Scenario("la-cancel-try")]
    public Task Cancel_try() => Play.RunAsync("la-cancel-try", async play =>
    {
        play.Worker<LocalCancelTry>(options => options.AddActivity(WaitLocalAsync));
        await play.EndAsync(await play.StartAsync("LocalCancelTry"));
    }, paced: true);

    [Workflow]
    public class LocalCancelTry
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            using var cancel = new CancellationTokenSource();
            var call = Step.LocalAsync<string>("waitLocal", [], options =>
            {
                options.StartToCloseTimeout = TimeSpan.FromSeconds(60);
                options.CancellationType = ActivityCancellationType.TryCancel;
                options.CancellationToken = cancel.Token;
            });
            await Workflow.DelayAsync(300);
            cancel.Cancel();
            return Chain.Of(await Step.FailureAsync(call));
        }
    }

    [Scenario("la-cancel-abandon")]
    public Task Cancel_abandon() => Play.RunAsync("la-cancel-abandon", async play =>
    {
        play.Worker<LocalCancelAbandon>();
        await play.EndAsync(await play.StartAsync("LocalCancelAbandon", more: TwoSeconds));
    }, paced: true);

    [Workflow]
    public class LocalCancelAbandon
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            using var cancel = new CancellationTokenSource();
            var call = Step.LocalAsync<string>("sleepMs", [6000, "z"], options =>
            {
                options.StartToCloseTimeout = TimeSpan.FromSeconds(60);
                options.CancellationType = ActivityCancellationType.Abandon;
                options.CancellationToken = cancel.Token;
            });
            await Workflow.DelayAsync(300);
            cancel.Cancel();
            var chain = Chain.Of(await Step.FailureAsync(call));
            await Workflow.DelayAsync(1500);
            return chain;
        }
    }

    [Scenario("la-cancel-by-workflow")]
    public Task Cancel_by_workflow() => Play.RunAsync("la-cancel-by-workflow", async play =>
    {
        play.Worker<LocalCancelled>(options => options.AddActivity(WaitLocalAsync));
        var handle = await play.StartAsync("LocalCancelled", more: TwoSeconds);
        await Task.Delay(500);
        await handle.CancelAsync();
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class LocalCancelled
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Step.LocalAsync<string>("waitLocal", [], options =>
        {
            options.StartToCloseTimeout = TimeSpan.FromSeconds(60);
            options.CancellationType = ActivityCancellationType.WaitCancellationCompleted;
        });
    }

    [Activity("waitLocal")]
    private static async Task<string> WaitLocalAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(30), ActivityExecutionContext.Current.CancellationToken);
        return "waited";
    }
}
