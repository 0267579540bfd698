using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Timers, waits with a time-out, and runs that begin late or go on as new ones.</summary>
public sealed class TimerTests
{
    [Scenario("timer-single")]
    public Task Single() => Play.RunAsync("timer-single", async play =>
    {
        play.Worker<OneTimer>();
        await play.EndAsync(await play.StartAsync("OneTimer"));
    });

    [Workflow]
    public class OneTimer
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayWithOptionsAsync(new(Step.Ms(250), "a timer"));
            return "done";
        }
    }

    [Scenario("timer-cancel")]
    public Task Cancel() => Play.RunAsync("timer-cancel", async play =>
    {
        play.Worker<TimerCancel>();
        await play.EndAsync(await play.StartAsync("TimerCancel"));
    });

    [Workflow]
    public class TimerCancel
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            using var first = new CancellationTokenSource();
            using var third = new CancellationTokenSource();
            var a = Workflow.DelayAsync(TimeSpan.FromSeconds(60), first.Token);
            await Workflow.DelayAsync(200);
            first.Cancel();
            await Step.FailureAsync(a);
            var c = Workflow.DelayAsync(TimeSpan.FromSeconds(60), third.Token);
            third.Cancel();
            await Step.FailureAsync(c);
            await Workflow.DelayAsync(100);
            return ["A canceled", "C canceled", "D fired"];
        }
    }

    [Scenario("timer-condition")]
    public Task Condition() => Play.RunAsync("timer-condition", async play =>
    {
        play.Worker<Conditions>();
        var handle = await play.StartAsync("Conditions");
        await play.UntilAsync(handle, EventType.TimerStarted, 2);
        await handle.SignalAsync("raise", []);
        await play.EndAsync(handle);
    }, [Expected.WaitSummary]);

    [Workflow]
    public class Conditions
    {
        private bool _flag;

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var notes = new List<string> { await Workflow.WaitConditionAsync(() => _flag, 300) ? "raised" : "timeout" };
            notes.Add(await Workflow.WaitConditionAsync(() => _flag, TimeSpan.FromSeconds(30)) ? "true" : "late");
            notes.Add(await Workflow.WaitConditionAsync(() => _flag, TimeSpan.FromSeconds(10)) ? "already" : "never");
            return [.. notes];
        }

        [WorkflowSignal("raise")]
        public Task RaiseAsync()
        {
            _flag = true;
            return Task.CompletedTask;
        }
    }

    [Scenario("timer-long-chain")]
    public Task Long_chain() => Play.RunAsync("timer-long-chain", async play =>
    {
        play.Worker<TimerChain>();
        await play.EndAsync(await play.StartAsync("TimerChain"));
    });

    [Workflow]
    public class TimerChain
    {
        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            for (var i = 0; i < 10; i++)
                await Workflow.DelayAsync(20);
            return 10;
        }
    }

    [Scenario("timer-activity-race")]
    public Task Against_an_activity() => Play.RunAsync("timer-activity-race", async play =>
    {
        play.Worker<TimerVsActivity>();
        await play.EndAsync(await play.StartAsync("TimerVsActivity"));
    });

    [Workflow]
    public class TimerVsActivity
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            using var cancel = new CancellationTokenSource();
            var timer = Workflow.DelayAsync(TimeSpan.FromSeconds(20), cancel.Token);
            var activity = Step.RemoteAsync<string>("sleepMs", [200, "act"]);
            await Workflow.WhenAnyAsync(timer, activity);
            cancel.Cancel();
            return await activity;
        }
    }

    [Scenario("opt-start-delay")]
    public Task Start_delay() => Play.RunAsync("opt-start-delay", async play =>
    {
        play.Worker<Delayed>();
        await play.EndAsync(await play.StartAsync("Delayed", more: options => options.StartDelay = Step.Ms(800)));
    });

    [Workflow]
    public class Delayed
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult("after delay");
    }

    [Scenario("can-loop")]
    public Task Continued_as_new() => Play.RunAsync("can-loop", async play =>
    {
        play.Worker<CanLoop>();
        await play.EndAsync(await play.StartAsync("CanLoop", [0, Array.Empty<string>()]));
    });

    [Workflow]
    public class CanLoop
    {
        [WorkflowRun]
        public Task<string[]> RunAsync(int number, string[] log)
        {
            string[] longer = [.. log, $"run{number}"];
            return number < 2 ? throw Workflow.CreateContinueAsNewException("CanLoop", [number + 1, longer]) : Task.FromResult(longer);
        }
    }

    [Scenario("can-from-handler")]
    public Task Continued_by_a_handler() => Play.RunAsync("can-from-handler", async play =>
    {
        play.Worker<CanHandler>();
        var handle = await play.StartAsync("CanHandler", [0]);
        await play.UntilAsync(handle, EventType.TimerStarted);
        await handle.SignalAsync("again", []);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class CanHandler
    {
        [WorkflowRun]
        public async Task<string> RunAsync(int number)
        {
            if (number > 0)
                return "second";
            _ = Step.RemoteAsync<string>("sleepMs", [3000, "x"]);
            _ = Workflow.DelayAsync(TimeSpan.FromHours(1));
            await Workflow.WaitConditionAsync(() => false);
            return "never";
        }

        [WorkflowSignal("again")]
        public Task AgainAsync() => throw Workflow.CreateContinueAsNewException("CanHandler", [1]);
    }

    [Scenario("timer-zero")]
    public Task Very_short() => Play.RunAsync("timer-zero", async play =>
    {
        play.Worker<TimerZero>();
        await play.EndAsync(await play.StartAsync("TimerZero"));
    });

    /// <summary>Without the delay of zero, which is a turn of the loop in Python and a timer in .NET.</summary>
    [Workflow]
    public class TimerZero
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(1);
            return "z";
        }
    }
}
