using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Updates: accepted, rejected, failing, and beside a workflow's end.</summary>
public sealed class UpdateTests
{
    /// <summary>A workflow that waits for signal <c>finish</c>.</summary>
    public abstract class UntilFinished
    {
        protected bool Finished { get; private set; }

        [WorkflowSignal("finish")]
        public Task FinishAsync()
        {
            Finished = true;
            return Task.CompletedTask;
        }

        protected Task FinishedAsync() => Workflow.WaitConditionAsync(() => Finished);
    }

    [Scenario("upd-accept-complete")]
    public Task Accept_complete() => Play.RunAsync("upd-accept-complete", async play =>
    {
        play.Worker<UpdNow>();
        var handle = await play.StartAsync("UpdNow");
        await play.FirstTaskAsync(handle);
        play.Saw("u1", await handle.ExecuteUpdateAsync<int>("add", [2], new("u1")));
        play.Saw("u2", await handle.ExecuteUpdateAsync<int>("add", [3], new("u2")));
        play.Saw("u2again", await handle.ExecuteUpdateAsync<int>("add", [3], new("u2")));
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class UpdNow : UntilFinished
    {
        private int _total;

        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            await FinishedAsync();
            return _total;
        }

        [WorkflowUpdate("add")]
        public Task<int> AddAsync(int number) => Task.FromResult(_total += number);

        [WorkflowUpdateValidator(nameof(AddAsync))]
        public void Check(int number)
        {
            if (number <= 0)
                throw new ApplicationFailureException("must be positive", "Bad");
        }
    }

    [Scenario("upd-accept-later")]
    public Task Accept_later() => Play.RunAsync("upd-accept-later", async play =>
    {
        play.Worker<UpdLater>();
        var handle = await play.StartAsync("UpdLater");
        await play.FirstTaskAsync(handle);
        var update = await handle.StartUpdateAsync<string>("work", ["w1"], new("u1", WorkflowUpdateStage.Accepted));
        play.Saw("u1", await update.GetResultAsync());
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class UpdLater : UntilFinished
    {
        private readonly List<string> _done = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => Finished && Workflow.AllHandlersFinished);
            return [.. _done];
        }

        [WorkflowUpdate("work")]
        public async Task<string> WorkAsync(string what)
        {
            await Workflow.DelayAsync(300);
            var result = await Step.EchoAsync(what);
            _done.Add(result);
            return result;
        }
    }

    [Scenario("upd-before-first-task")]
    public Task Before_first_task() => Play.RunAsync("upd-before-first-task", async play =>
    {
        var handle = await play.StartAsync("UpdFirst");
        await handle.SignalAsync("sig", []);
        var update = handle.ExecuteUpdateAsync<int>("upd", [], new("u1"));
        await Task.Delay(300);
        play.Worker<UpdFirst>();
        play.Saw("u1", await update);
        await play.EndAsync(handle);
    }, paced: true);

    [Workflow]
    public class UpdFirst
    {
        private readonly List<string> _seen = [];

        [WorkflowRun]
        public async Task<string[]> RunAsync()
        {
            _seen.Add("run");
            await Workflow.WaitConditionAsync(() => _seen.Count == 3);
            return [.. _seen];
        }

        [WorkflowSignal("sig")]
        public Task SignalAsync()
        {
            _seen.Add("signal");
            return Task.CompletedTask;
        }

        [WorkflowUpdate("upd")]
        public Task<int> UpdateAsync()
        {
            _seen.Add("update");
            return Task.FromResult(_seen.Count);
        }
    }

    [Scenario("upd-completes-workflow")]
    public Task Completes_workflow() => Play.RunAsync("upd-completes-workflow", async play =>
    {
        play.Worker<UpdEnds>();
        var handle = await play.StartAsync("UpdEnds");
        await play.FirstTaskAsync(handle);
        play.Saw("u1", await handle.ExecuteUpdateAsync<string>("end", ["z"], new("u1")));
        await play.EndAsync(handle);
    });

    [Workflow]
    public class UpdEnds
    {
        private string? _end;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _end is not null);
            return _end!;
        }

        [WorkflowUpdate("end")]
        public Task<string> EndAsync(string with)
        {
            _end = with;
            return Task.FromResult($"ended:{with}");
        }
    }

    [Scenario("upd-failing")]
    public Task Failing() => Play.RunAsync("upd-failing", async play =>
    {
        play.Worker<UpdFails>();
        var handle = await play.StartAsync("UpdFails");
        await play.FirstTaskAsync(handle);
        play.SawFailure("u1", (await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync("failNow", [], new("u1")))).InnerException!);
        play.SawFailure("u2", (await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync("failLater", [], new("u2")))).InnerException!);
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class UpdFails : UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "end";
        }

        [WorkflowUpdate("failNow")]
        public Task FailNowAsync() => throw new ApplicationFailureException("now", "Now", details: [1]);

        [WorkflowUpdate("failLater")]
        public Task FailLaterAsync() => Step.RemoteAsync<object?>("failWith", ["act", "Act", true]);
    }

    [Scenario("upd-reject")]
    public Task Reject() => Play.RunAsync("upd-reject", async play =>
    {
        play.Worker<UpdReject>();
        var handle = await play.StartAsync("UpdReject");
        await play.FirstTaskAsync(handle);
        play.SawFailure("u1", (await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<int>("add", [-1], new("u1")))).InnerException!);
        // How an unknown update and a wrong argument are refused is the SDK's wording.
        await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<int>("nope", [1], new("u2")));
        await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<int>("add", ["x"], new("u3")));
        play.Saw("u4", await handle.ExecuteUpdateAsync<int>("add", [1], new("u4")));
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class UpdReject : UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "end";
        }

        [WorkflowUpdate("add")]
        public Task<int> AddAsync(int number) => Task.FromResult(number);

        [WorkflowUpdateValidator(nameof(AddAsync))]
        public void Check(int number)
        {
            if (number <= 0)
                throw new ApplicationFailureException("must be positive", "Bad");
        }
    }

    [Scenario("upd-unfinished")]
    public Task Unfinished() => Play.RunAsync("upd-unfinished", async play =>
    {
        play.Worker<UpdUnfinished>();
        var handle = await play.StartAsync("UpdUnfinished");
        await play.FirstTaskAsync(handle);
        var update = await handle.StartUpdateAsync("slow", [], new("u1", WorkflowUpdateStage.Accepted));
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
        play.SawFailure("u1", (await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => update.GetResultAsync())).InnerException!);
    });

    [Workflow]
    public class UpdUnfinished : UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "left";
        }

        [WorkflowUpdate("slow", UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
        public Task SlowAsync() => Workflow.DelayAsync(TimeSpan.FromHours(1));
    }

    [Scenario("upd-with-start")]
    public Task With_start() => Play.RunAsync("upd-with-start", async play =>
    {
        play.Worker<UpdStart>();
        play.Saw("u1", await AddAsync(5, "u1"));
        play.Saw("u2", await AddAsync(6, "u2"));
        var handle = play.Client.GetWorkflowHandle("upd-with-start-cached-220840");
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);

        Task<int> AddAsync(int number, string id)
        {
            var start = WithStartWorkflowOperation.Create("UpdStart", [], new("upd-with-start-cached-220840", play.Queue) { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
            return play.Client.ExecuteUpdateWithStartWorkflowAsync<int>("add", [number], new(id, start));
        }
    });

    [Workflow]
    public class UpdStart : UntilFinished
    {
        private int _total;

        [WorkflowRun]
        public async Task<int> RunAsync()
        {
            await FinishedAsync();
            return _total;
        }

        [WorkflowUpdate("add")]
        public Task<int> AddAsync(int number) => Task.FromResult(_total += number);
    }

    [Scenario("upd-plain-exception")]
    public Task Plain_exception() => Play.RunAsync("upd-plain-exception", async play =>
    {
        var first = play.Worker<UpdPlainBroken>();
        var handle = await play.StartAsync("UpdPlain", more: options => options.TaskTimeout = TimeSpan.FromSeconds(2));
        await play.FirstTaskAsync(handle);
        var update = handle.ExecuteUpdateAsync<string>("go", [], new("u1"));
        await Task.Delay(1000);
        await first.StopAsync();
        play.Worker<UpdPlain>();
        play.Saw("u1", await update);
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    }, [Expected.OwnExceptionType], paced: true);

    [Workflow("UpdPlain")]
    public class UpdPlainBroken : UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "end";
        }

        [WorkflowUpdate("go")]
        public Task<string> GoAsync() => throw new InvalidOperationException("updbug");
    }

    [Workflow]
    public class UpdPlain : UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "end";
        }

        [WorkflowUpdate("go")]
        public Task<string> GoAsync() => Task.FromResult("went");
    }
}
