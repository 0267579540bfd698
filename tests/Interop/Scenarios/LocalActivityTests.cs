using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Local activities, and the shapes of a job that they make.</summary>
public sealed class LocalActivityTests
{
    [Scenario("la-sequence-then-activity")]
    public Task Sequence_then_activity() => Play.RunAsync("la-sequence-then-activity", async play =>
    {
        play.Worker<LocalMix>();
        await play.EndAsync(await play.StartAsync("LocalMix"));
    });

    [Workflow]
    public class LocalMix
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() =>
            [await Step.LocalEchoAsync("l1"), await Step.LocalEchoAsync("l2"), await Step.EchoAsync("r3"), await Step.LocalEchoAsync("l4")];
    }

    [Scenario("la-dispatch-shape")]
    public Task Dispatch_shape() => Play.RunAsync("la-dispatch-shape", async play =>
    {
        play.Worker<Dispatched>();
        await play.EndAsync(await play.StartAsync("Dispatch", ["job-7"]));
    });

    [Workflow("Dispatch")]
    public class Dispatched
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string job)
        {
            await Step.LocalEchoAsync($"opened {job}", "op-1");
            await Step.LocalEchoAsync("selected w1", "op-2");
            var result = await Step.RemoteAsync<string>("sleepMs", [300, "exit 0"], options =>
            {
                options.ActivityId = "run-1";
                options.TaskQueue = Workflow.Info.TaskQueue;
                options.HeartbeatTimeout = TimeSpan.FromSeconds(5);
            });
            await Step.LocalEchoAsync("received exit 0", "op-3");
            await Step.LocalEchoAsync("closed", "op-4");
            return result;
        }
    }

    [Scenario("la-job-queue")]
    public Task Job_queue() => Play.RunAsync("la-job-queue", async play =>
    {
        play.Worker<JobQueue>();
        var handle = await play.StartAsync("JobQueue", ["j1"]);
        await play.UntilAsync(handle, EventType.TimerStarted);
        play.Saw("query", await handle.QueryAsync<string[]>("log", []));
        await handle.SignalAsync("placed", ["w1"]);
        await play.EndAsync(handle);
    }, [Expected.WaitSummary]);

    [Workflow]
    public class JobQueue
    {
        private readonly List<string> _log = [];
        private string? _worker;

        [WorkflowRun]
        public async Task<string[]> RunAsync(string job)
        {
            _log.Add(await Step.LocalEchoAsync($"opened {job}"));
            _log.Add(await Step.LocalEchoAsync("no room"));
            await Workflow.WaitConditionAsync(() => _worker is not null, TimeSpan.FromSeconds(30));
            _log.Add($"placed {_worker}");
            _log.Add(await Step.LocalEchoAsync($"selected {_worker}"));
            _log.Add(await Step.RemoteAsync<string>("sleepMs", [400, "exit 0"], options =>
            {
                options.HeartbeatTimeout = TimeSpan.FromSeconds(5);
                options.CancellationType = ActivityCancellationType.WaitCancellationCompleted;
            }));
            _log.Add(await Step.LocalEchoAsync("closed"));
            return [.. _log];
        }

        [WorkflowSignal("placed")]
        public Task PlacedAsync(string worker)
        {
            _worker = worker;
            return Task.CompletedTask;
        }

        [WorkflowQuery("log")]
        public string[] Log() => [.. _log];
    }

    [Scenario("la-parallel")]
    public Task Parallel() => Play.RunAsync("la-parallel", async play =>
    {
        play.Worker<LocalParallel>();
        await play.EndAsync(await play.StartAsync("LocalParallel"));
    }, paced: true);

    [Workflow]
    public class LocalParallel
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var done = new List<string>();
            async Task BranchAsync(int milliseconds, string name) => done.Add(await Step.LocalAsync<string>("sleepMs", [milliseconds, name]));
            await Workflow.WhenAllAsync(BranchAsync(600, "p1"), BranchAsync(400, "p2"), BranchAsync(200, "p3"));
            return [.. done];
        }
    }

    [Scenario("la-then-timer-same-task")]
    public Task Then_timer_same_task() => Play.RunAsync("la-then-timer-same-task", async play =>
    {
        play.Worker<LocalTimer>();
        await play.EndAsync(await play.StartAsync("LocalTimer"));
    });

    [Workflow]
    public class LocalTimer
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var first = await Step.LocalEchoAsync("a");
            await Workflow.DelayAsync(200);
            return first + await Step.LocalEchoAsync("b");
        }
    }

    [Scenario("la-with-remote-parallel")]
    public Task With_remote_parallel() => Play.RunAsync("la-with-remote-parallel", async play =>
    {
        // The real server's timer came after the activity, late as its short timers are; ours keeps time, so that the activity hurries.
        play.Worker<LocalRemote>(options =>
        {
            options.Activities.Clear();
            options.AddActivity(HurryAsync);
        });
        await play.EndAsync(await play.StartAsync("LocalRemote"));
    }, paced: true);

    [Workflow]
    public class LocalRemote
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var done = new List<string>();
            async Task BranchAsync(string name, Task work)
            {
                await work;
                done.Add(name);
            }

            await Workflow.WhenAllAsync(
                BranchAsync("r", Step.RemoteAsync<string>("sleepMs", [300, "r"])), BranchAsync("l", Step.LocalAsync<string>("sleepMs", [100, "l"])), BranchAsync("t", Workflow.DelayAsync(50)));
            return [.. done];
        }
    }

    [Activity("sleepMs")]
    private static async Task<string> HurryAsync(int milliseconds, string then)
    {
        if (ActivityExecutionContext.Current.Info.IsLocal)
            await Task.Delay(milliseconds);
        return then;
    }
}
