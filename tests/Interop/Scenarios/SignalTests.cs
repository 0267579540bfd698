using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Signals, from clients and from other workflows.</summary>
public sealed class SignalTests
{
    [Scenario("sig-with-start")]
    public Task With_start() => Play.RunAsync("sig-with-start", async play =>
    {
        play.Worker<SigStart>();
        var handle = await play.StartAsync("SigStart", more: options => options.SignalWithStart("add", ["one"]));
        await play.FirstTaskAsync(handle);
        await play.StartAsync("SigStart", more: options =>
        {
            options.IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting;
            options.SignalWithStart("add", ["two"]);
        });
        await play.EndAsync(handle);
    });

    [Workflow]
    public class SigStart
    {
        private readonly List<string> _seen = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _seen.Count == 2);
            return [.. _seen];
        }

        [WorkflowSignal("add")]
        public Task AddAsync(string what)
        {
            _seen.Add(what);
            return Task.CompletedTask;
        }
    }

    [Scenario("sig-completes-with-pending")]
    public Task Completes_beside_a_pending_activity() => Play.RunAsync("sig-completes-with-pending", async play =>
    {
        play.Worker<SigComplete>();
        var handle = await play.StartAsync("SigComplete");
        await play.UntilAsync(handle, EventType.ActivityTaskScheduled);
        await handle.SignalAsync("finish", ["now"]);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class SigComplete
    {
        private string? _end;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            _ = Step.RemoteAsync<string>("sleepMs", [1500, "late"]);
            await Workflow.WaitConditionAsync(() => _end is not null);
            return _end!;
        }

        [WorkflowSignal("finish")]
        public Task FinishAsync(string with)
        {
            _end = with;
            return Task.CompletedTask;
        }
    }

    [Scenario("sig-handler-fails")]
    public Task Handler_fails() => Play.RunAsync("sig-handler-fails", async play =>
    {
        play.Worker<SigFails>();
        var handle = await play.StartAsync("SigFails");
        await play.FirstTaskAsync(handle);
        await handle.SignalAsync("explode", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class SigFails
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(() => false);

        [WorkflowSignal("explode")]
        public Task ExplodeAsync() => throw new ApplicationFailureException("sig", "Sig");
    }

    [Scenario("sig-unfinished")]
    public Task Handler_unfinished() => Play.RunAsync("sig-unfinished", async play =>
    {
        play.Worker<SigUnfinished>();
        var handle = await play.StartAsync("SigUnfinished");
        await play.FirstTaskAsync(handle);
        await handle.SignalAsync("slow", []);
        await play.UntilAsync(handle, EventType.TimerStarted);
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class SigUnfinished : UpdateTests.UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "left";
        }

        [WorkflowSignal("slow", UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
        public Task SlowAsync() => Workflow.DelayAsync(TimeSpan.FromHours(1));
    }

    [Scenario("sig-unknown")]
    public Task Unknown() => Play.RunAsync("sig-unknown", async play =>
    {
        play.Worker<SigUnknown>();
        var handle = await play.StartAsync("SigUnknown");
        await play.FirstTaskAsync(handle);
        await handle.SignalAsync("nobody", [1]);
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class SigUnknown : UpdateTests.UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "ok";
        }
    }

    [Scenario("ext-signal")]
    public Task External() => Play.RunAsync("ext-signal", async play =>
    {
        play.Worker([typeof(ExtSignal), typeof(Target)]);
        var target = await play.StartAsync("Target", id: "ext-signal-target");
        await play.FirstTaskAsync(target);
        await play.EndAsync(await play.StartAsync("ExtSignal"));
        await play.EndAsync(target, "target");
    });

    [Workflow]
    public class ExtSignal
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            await Workflow.GetExternalWorkflowHandle("ext-signal-target").SignalAsync("say", ["yo"]);
            var failure = await Step.FailureAsync(Workflow.GetExternalWorkflowHandle("ext-signal-nobody").SignalAsync("say", ["x"]));
            return ["sent", .. Chain.Of(failure)];
        }
    }

    [Workflow]
    public class Target
    {
        private string? _said;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _said is not null);
            return $"got {_said}";
        }

        [WorkflowSignal("say")]
        public Task SayAsync(string what)
        {
            _said = what;
            return Task.CompletedTask;
        }
    }

    [Scenario("sig-dynamic")]
    public Task Dynamic_handler() => Play.RunAsync("sig-dynamic", async play =>
    {
        play.Worker<SigDynamic>();
        var handle = await play.StartAsync("SigDynamic");
        await play.FirstTaskAsync(handle);
        await handle.SignalAsync("known", ["a"]);
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await handle.SignalAsync("other", ["b"]);
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 3);
        await handle.SignalAsync("third", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class SigDynamic
    {
        private readonly List<string> _seen = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _seen.Count == 3);
            return [.. _seen];
        }

        [WorkflowSignal("known")]
        public Task KnownAsync(string what)
        {
            _seen.Add($"known:{what}");
            return Task.CompletedTask;
        }

        [WorkflowSignal(Dynamic = true)]
        public Task AnyAsync(string name, IRawValue[] args)
        {
            _seen.Add($"{name}:{(args.Length == 0 ? "-" : Workflow.PayloadConverter.ToValue<string>(args[0].Payload))}");
            return Task.CompletedTask;
        }
    }

    [Scenario("sig-late-handler")]
    public Task Handler_set_later() => Play.RunAsync("sig-late-handler", async play =>
    {
        play.Worker<SigLate>();
        var handle = await play.StartAsync("SigLate");
        await play.FirstTaskAsync(handle);
        await handle.SignalAsync("late", ["1"]);
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await handle.SignalAsync("late", ["2"]);
        await play.UntilAsync(handle, EventType.TimerFired);
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 4);
        await handle.SignalAsync("late", ["3"]);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class SigLate
    {
        private readonly List<string> _seen = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            await Workflow.DelayAsync(700);
            Workflow.Signals["late"] = WorkflowSignalDefinition.CreateWithoutAttribute("late", (string what) =>
            {
                _seen.Add(what);
                return Task.CompletedTask;
            });
            await Workflow.WaitConditionAsync(() => _seen.Count == 3);
            return [.. _seen];
        }
    }
}
