using System.Threading.Channels;
using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Workers that are shut down, vanish, or are replaced by others with other code.</summary>
public sealed class WorkerTests
{
    [Scenario("worker-poll-complete-shutdown")]
    public Task Shut_down_while_an_activity_runs() => Play.RunAsync("worker-poll-complete-shutdown", async play =>
    {
        var first = play.Worker<Last>(options => options.GracefulShutdownTimeout = TimeSpan.FromSeconds(2));
        await play.EndAsync(await play.StartAsync("Last"));
        var second = await play.StartAsync("Last", id: "worker-poll-complete-shutdown-2");
        await play.UntilAsync(second, EventType.ActivityTaskScheduled);
        await first.StopAsync();
        play.Worker<Last>();
        await play.EndAsync(second, "second");
    });

    [Workflow]
    public class Last
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Step.RemoteAsync<string>("sleepMs", [300, "l"]);
    }

    [Scenario("wft-sticky-timeout")]
    public Task Gone_without_saying_so() => Play.RunAsync("wft-sticky-timeout", async play =>
    {
        var (client, gate) = await play.ConnectThroughGateAsync();
        play.Worker([typeof(Sticky)], options => options.StickyQueueScheduleToStartTimeout = TimeSpan.FromSeconds(2), client);
        var handle = await play.StartAsync("Sticky");
        await play.UntilAsync(handle, EventType.TimerStarted);
        gate.Cut();
        await Task.Delay(100);
        play.Worker<Sticky>(options => options.Identity = "truth-worker2");
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class Sticky
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(600);
            return await Step.EchoAsync("s");
        }
    }

    [Scenario("order-signal-timer-activity")]
    public Task All_at_once_for_the_second_worker() => Play.RunAsync("order-signal-timer-activity", async play =>
    {
        var handed = Channel.CreateUnbounded<byte[]>();
        var external = [Activity("external")] async () =>
        {
            await handed.Writer.WriteAsync(ActivityExecutionContext.Current.Info.TaskToken);
            throw new CompleteAsyncException();
        };
        var first = play.Worker<Order3>(options => options.AddActivity(external));
        var handle = await play.StartAsync("Order3");
        var token = await handed.Reader.ReadAsync();
        await first.StopAsync();
        await play.Client.GetAsyncActivityHandle(token).CompleteAsync("x");
        await handle.SignalAsync("go", []);
        await play.UntilAsync(handle, EventType.TimerFired);
        play.Worker<Order3>(options => options.AddActivity(external));
        Assert.Equal("handler", (await handle.GetResultAsync<string[]>())[0]);
    }, [new("/result/payloads[0]/json[", "in what order branches that become ready together go on is the language's affair; the signal's handler is first in each")], paced: true);

    [Workflow]
    public class Order3
    {
        private readonly List<string> _seen = [];
        private bool _went;

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            async Task BranchAsync(string name, Task work)
            {
                await work;
                _seen.Add(name);
            }

            await Workflow.WhenAllAsync(
                BranchAsync("activity", Step.RemoteAsync<string>("external", [], options => options.StartToCloseTimeout = TimeSpan.FromSeconds(60))),
                BranchAsync("timer", Workflow.DelayAsync(600)),
                BranchAsync("signal", Workflow.WaitConditionAsync(() => _went)));
            return [.. _seen];
        }

        [WorkflowSignal("go")]
        public Task GoAsync()
        {
            _seen.Add("handler");
            _went = true;
            return Task.CompletedTask;
        }
    }

    [Scenario("wft-nondeterminism")]
    public Task Other_code_and_back() => Play.RunAsync("wft-nondeterminism", async play =>
    {
        var first = play.Worker<Nde>();
        var handle = await play.StartAsync("Nde", more: options => options.TaskTimeout = TimeSpan.FromSeconds(2));
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await first.StopAsync();
        var second = play.Worker<NdeOther>();
        await handle.SignalAsync("go", []);
        await play.UntilAsync(handle, EventType.WorkflowTaskFailed);
        await second.StopAsync();
        play.Worker<Nde>();
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class Nde
    {
        private bool _went;

        [WorkflowRun]
        public virtual async Task<string> RunAsync()
        {
            await BeginAsync();
            await Workflow.WaitConditionAsync(() => _went);
            return "one";
        }

        [WorkflowSignal("go")]
        public Task GoAsync()
        {
            _went = true;
            return Task.CompletedTask;
        }

        protected virtual Task BeginAsync() => Step.EchoAsync("a");
    }

    [Workflow("Nde")]
    public class NdeOther : Nde
    {
        [WorkflowRun]
        public override Task<string> RunAsync() => base.RunAsync();

        protected override Task BeginAsync() => Workflow.DelayAsync(100);
    }

    [Scenario("patch-mid-run")]
    public Task Patched_after_the_replayed_part() => Play.RunAsync("patch-mid-run", async play =>
    {
        var first = play.Worker<PatchMid>();
        var handle = await play.StartAsync("PatchMid");
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await first.StopAsync();
        play.Worker<PatchMidNew>();
        await handle.SignalAsync("go", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class PatchMid
    {
        private bool _went;

        [WorkflowRun]
        public virtual async Task<string[]> RunAsync()
        {
            await Workflow.DelayAsync(50);
            await Workflow.WaitConditionAsync(() => _went);
            return [await EndAsync()];
        }

        [WorkflowSignal("go")]
        public Task GoAsync()
        {
            _went = true;
            return Task.CompletedTask;
        }

        protected virtual Task<string> EndAsync() => Step.EchoAsync("end");
    }

    [Workflow("PatchMid")]
    public class PatchMidNew : PatchMid
    {
        [WorkflowRun]
        public override Task<string[]> RunAsync() => base.RunAsync();

        protected override Task<string> EndAsync() => Step.EchoAsync(Workflow.Patched("mid") ? "patched end" : "end");
    }

    [Scenario("patch-local")]
    public Task Patched_with_local_activities() => Play.RunAsync("patch-local", async play =>
    {
        var worker = play.Worker<PatchLocal>();
        var first = await play.StartAsync("PatchLocal");
        await play.UntilAsync(first, EventType.WorkflowTaskCompleted, 2);
        await worker.StopAsync();
        worker = play.Worker<PatchLocalNew>();
        await first.SignalAsync("go", []);
        await play.EndAsync(first);

        var second = await play.StartAsync("PatchLocal", id: "patch-local-2");
        await play.UntilAsync(second, EventType.WorkflowTaskCompleted, 2);
        await worker.StopAsync();
        play.Worker<PatchLocalNew>();
        await second.SignalAsync("go", []);
        await play.EndAsync(second, "second");
    });

    [Workflow]
    public class PatchLocal
    {
        private bool _went;

        [WorkflowRun]
        public virtual async Task<string[]> RunAsync()
        {
            List<string> done = [await Step.LocalEchoAsync("a")];
            if (Patched())
                done.Add(await Step.LocalEchoAsync("x"));
            done.Add(await Step.EchoAsync("r"));
            await Workflow.WaitConditionAsync(() => _went);
            if (Patched())
                done.Add(await Step.LocalEchoAsync("y"));
            done.Add(await Step.LocalEchoAsync("b"));
            return [.. done];
        }

        [WorkflowSignal("go")]
        public Task GoAsync()
        {
            _went = true;
            return Task.CompletedTask;
        }

        protected virtual bool Patched() => false;
    }

    [Workflow("PatchLocal")]
    public class PatchLocalNew : PatchLocal
    {
        [WorkflowRun]
        public override Task<string[]> RunAsync() => base.RunAsync();

        protected override bool Patched() => Workflow.Patched("extra");
    }
}
