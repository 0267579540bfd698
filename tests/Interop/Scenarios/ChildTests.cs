using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;
using ParentClosePolicy = Temporalio.Workflows.ParentClosePolicy;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Children: their ends, policies and cancellation, and what the parent's history and theirs say of each other.</summary>
public sealed class ChildTests
{
    [Workflow]
    public class ChildHang
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(TimeSpan.FromHours(1));
    }

    [Scenario("child-success")]
    public Task Success() => Play.RunAsync("child-success", async play =>
    {
        play.Worker([typeof(ParentOk), typeof(ChildEcho)]);
        await play.EndAsync(await play.StartAsync("ParentOk"));
    }, paced: true);

    [Workflow]
    public class ParentOk
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            var first = await Workflow.StartChildWorkflowAsync("ChildEcho", ["a"], new() { Id = "child-success-c1" });
            var second = await Workflow.ExecuteChildWorkflowAsync<string>("ChildEcho", ["b"], new() { Id = "child-success-c2" });
            return [first.Id, await first.GetResultAsync<string>(), second];
        }
    }

    [Workflow]
    public class ChildEcho
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            await Workflow.DelayAsync(100);
            return $"child:{what}";
        }
    }

    [Scenario("child-failure")]
    public Task Failure() => Play.RunAsync("child-failure", async play =>
    {
        play.Worker([typeof(ParentFail), typeof(ChildFail), typeof(ChildHang)]);
        var handle = await play.StartAsync("ParentFail");
        await play.UntilAsync(handle, EventType.ChildWorkflowExecutionStarted, 3);
        var third = play.Client.GetWorkflowHandle("child-failure-3");
        await play.FirstTaskAsync(third);
        await third.TerminateAsync("cut");
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class ParentFail
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() =>
        [
            .. await ChainAsync("ChildFail", new() { Id = "child-failure-1" }),
            .. await ChainAsync("ChildHang", new() { Id = "child-failure-2", RunTimeout = Step.Ms(500) }),
            .. await ChainAsync("ChildHang", new() { Id = "child-failure-3" }),
        ];

        private static async Task<string[]> ChainAsync(string type, ChildWorkflowOptions options) =>
            Chain.WithRetryState(await Step.FailureAsync(Workflow.ExecuteChildWorkflowAsync(type, [], options)));
    }

    [Workflow]
    public class ChildFail
    {
        [WorkflowRun]
        public Task RunAsync() => throw new ApplicationFailureException("cf", "CF", nonRetryable: true, details: ["d"]);
    }

    [Scenario("child-signal")]
    public Task Signal() => Play.RunAsync("child-signal", async play =>
    {
        play.Worker([typeof(ParentSig), typeof(ChildSig)]);
        await play.EndAsync(await play.StartAsync("ParentSig"));
    });

    [Workflow]
    public class ParentSig
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var child = await Workflow.StartChildWorkflowAsync("ChildSig", [], new() { Id = "child-signal-c" });
            await child.SignalAsync("say", ["hi"]);
            return await child.GetResultAsync<string>();
        }
    }

    [Workflow]
    public class ChildSig
    {
        private string? _said;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _said is not null);
            return $"heard {_said}";
        }

        [WorkflowSignal("say")]
        public Task SayAsync(string what)
        {
            _said = what;
            return Task.CompletedTask;
        }
    }

    [Scenario("child-already-exists")]
    public Task Already_exists() => Play.RunAsync("child-already-exists", async play =>
    {
        play.Worker([typeof(ParentExists), typeof(ChildHang), typeof(ChildOk)]);
        var first = await play.StartAsync("ChildHang", id: "child-already-exists-x");
        await Play.EndedAsync(await play.StartAsync("ParentExists"));
        await first.TerminateAsync();
    }, [new("/result/payloads[0]/json[0]", "how a workflow says that its child exists already is the SDK's wording")]);

    [Workflow]
    public class ParentExists
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync() =>
        [
            .. Chain.Of(await Step.FailureAsync(Workflow.ExecuteChildWorkflowAsync("ChildHang", [], new() { Id = "child-already-exists-x" }))),
            await Workflow.ExecuteChildWorkflowAsync<string>("ChildOk", [], new() { Id = "child-already-exists-y" }),
        ];
    }

    [Workflow]
    public class ChildOk
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult("ok");
    }

    [Scenario("child-continues")]
    public Task Continues() => Play.RunAsync("child-continues", async play =>
    {
        play.Worker([typeof(ParentCan), typeof(ChildCan)]);
        await play.EndAsync(await play.StartAsync("ParentCan"));
    });

    [Workflow]
    public class ParentCan
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Workflow.ExecuteChildWorkflowAsync<string>("ChildCan", [0], new() { Id = "child-continues-c" });
    }

    [Workflow]
    public class ChildCan
    {
        [WorkflowRun]
        public Task<string> RunAsync(int number) =>
            number < 2 ? throw Workflow.CreateContinueAsNewException("ChildCan", [number + 1]) : Task.FromResult($"n={number}");
    }

    [Scenario("child-close-policies")]
    public Task Close_policies() => Play.RunAsync("child-close-policies", async play =>
    {
        play.Worker([typeof(ParentCloses), typeof(ChildHang)]);
        var handle = await play.StartAsync("ParentCloses");
        await play.EndAsync(handle);
        await play.UntilAsync(play.Client.GetWorkflowHandle("child-close-policies-t"), EventType.WorkflowExecutionTerminated);
        await play.UntilAsync(play.Client.GetWorkflowHandle("child-close-policies-r"), EventType.WorkflowExecutionCanceled);
        var abandoned = play.Client.GetWorkflowHandle("child-close-policies-a");
        Assert.Equal(WorkflowExecutionStatus.Running, (await abandoned.DescribeAsync()).Status);
        await abandoned.TerminateAsync("over");
    }, paced: true);

    [Workflow]
    public class ParentCloses
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.StartChildWorkflowAsync("ChildHang", [], new() { Id = "child-close-policies-t", ParentClosePolicy = ParentClosePolicy.Terminate });
            await Workflow.StartChildWorkflowAsync("ChildHang", [], new() { Id = "child-close-policies-a", ParentClosePolicy = ParentClosePolicy.Abandon });
            await Workflow.StartChildWorkflowAsync("ChildHang", [], new() { Id = "child-close-policies-r", ParentClosePolicy = ParentClosePolicy.RequestCancel });
            return "closed";
        }
    }

    [Scenario("child-cancel-before-start")]
    public Task Cancel_before_start() => Play.RunAsync("child-cancel-before-start", async play =>
    {
        play.Worker([typeof(ParentCancelEarly), typeof(ChildHang)]);
        var handle = await play.StartAsync("ParentCancelEarly");
        await play.UntilAsync(handle, EventType.ChildWorkflowExecutionStarted);
        await play.FirstTaskAsync(play.Client.GetWorkflowHandle("child-cancel-before-start-2"));
        await handle.CancelAsync();
        await Play.EndedAsync(handle);
    }, [Expected.NoCancelText("/result/payloads[0]/json[1]"), Expected.NoCancelText("/result/payloads[0]/json[3]")], paced: true);

    [Workflow]
    public class ParentCancelEarly
    {
        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            using var cancel = new CancellationTokenSource();
            var never = Workflow.StartChildWorkflowAsync("ChildNever", [], new() { Id = "child-cancel-before-start-1", CancellationToken = cancel.Token });
            cancel.Cancel();
            return
            [
                .. Chain.Of(await Step.FailureAsync(never)),
                .. Chain.Of(await Step.FailureAsync(Workflow.ExecuteChildWorkflowAsync(
                    "ChildHang", [], new() { Id = "child-cancel-before-start-2", CancellationType = ChildWorkflowCancellationType.WaitCancellationCompleted }))),
            ];
        }
    }

    [Scenario("child-options")]
    public Task Options() => Play.RunAsync("child-options", async play =>
    {
        play.Worker([typeof(ParentOptions), typeof(ChildFlaky), typeof(ChildPlain)]);
        var handle = await play.StartAsync("ParentOptions", ["child-options-221659"]);
        await play.EndAsync(handle);
        await foreach (var run in play.Client.ListWorkflowsAsync("WorkflowType = 'ChildPlain'"))
            play.Alias("bc82cbd0-96e2-431d-aa2e-b5eb57cf9660", run.Id);
    });

    [Workflow]
    public class ParentOptions
    {
        [WorkflowRun]
        public async Task<int> RunAsync(string childId)
        {
            var result = await Workflow.ExecuteChildWorkflowAsync<int>("ChildFlaky", [7], new()
            {
                Id = childId,
                TaskQueue = Workflow.Info.TaskQueue,
                ExecutionTimeout = TimeSpan.FromSeconds(60),
                RunTimeout = TimeSpan.FromSeconds(30),
                TaskTimeout = TimeSpan.FromSeconds(5),
                IdReusePolicy = WorkflowIdReusePolicy.AllowDuplicateFailedOnly,
                RetryPolicy = Step.Retry(100, attempts: 3),
                Memo = new Dictionary<string, object> { ["cm"] = "v" },
                TypedSearchAttributes = new Temporalio.Common.SearchAttributeCollection.Builder()
                    .Set(Temporalio.Common.SearchAttributeKey.CreateKeyword("TruthKeyword"), "ck").Set(Temporalio.Common.SearchAttributeKey.CreateLong("TruthInt"), 4).ToSearchAttributeCollection(),
                StaticSummary = "csum",
                StaticDetails = "cdet",
                Priority = new(priorityKey: 2),
                CancellationType = ChildWorkflowCancellationType.TryCancel,
                ParentClosePolicy = ParentClosePolicy.RequestCancel,
            });
            await Workflow.ExecuteChildWorkflowAsync<string>("ChildPlain", []);
            return result;
        }
    }

    [Workflow]
    public class ChildFlaky
    {
        [WorkflowRun]
        public Task<int> RunAsync(int number) => Workflow.Info.Attempt == 1 ? throw new ApplicationFailureException("flaky", "Flaky") : Task.FromResult(number);
    }

    [Workflow]
    public class ChildPlain
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult("plain");
    }
}
