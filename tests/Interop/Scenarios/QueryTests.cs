using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Queries: to workers that never saw the run, beside a pending task, and such as fail.</summary>
public sealed class QueryTests
{
    [Scenario("query-after-restart")]
    public Task After_restart() => Play.RunAsync("query-after-restart", async play =>
    {
        var first = play.Worker<QueryReplay>();
        var handle = await play.StartAsync("QueryReplay");
        await play.UntilAsync(handle, EventType.WorkflowTaskCompleted, 2);
        await first.StopAsync();
        var second = play.Worker<QueryReplay>();
        play.Saw("queryOpen", await handle.QueryAsync<int>("progress", []));
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
        await second.StopAsync();
        play.Worker<QueryReplay>();
        play.Saw("queryClosed", await handle.QueryAsync<int>("progress", []));
    });

    [Workflow]
    public class QueryReplay : UpdateTests.UntilFinished
    {
        private int _progress;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Step.EchoAsync("one");
            _progress = 1;
            await FinishedAsync();
            _progress = 2;
            return "end";
        }

        [WorkflowQuery("progress")]
        public int Progress() => _progress;
    }

    [Scenario("query-with-task")]
    public Task With_task() => Play.RunAsync("query-with-task", async play =>
    {
        var first = play.Worker<QueryBuffered>();
        var handle = await play.StartAsync("QueryBuffered");
        await play.FirstTaskAsync(handle);
        await first.StopAsync();
        await handle.SignalAsync("add", ["a"]);
        var query = handle.QueryAsync<int>("count", []);
        await Task.Delay(300);
        play.Worker<QueryBuffered>();
        play.Saw("query", await query);
        await handle.SignalAsync("add", ["b"]);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class QueryBuffered
    {
        private readonly List<string> _seen = [];

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _seen.Count == 2);
            return string.Join(',', _seen);
        }

        [WorkflowSignal("add")]
        public Task AddAsync(string what)
        {
            _seen.Add(what);
            return Task.CompletedTask;
        }

        [WorkflowQuery("count")]
        public int Count() => _seen.Count;
    }

    [Scenario("query-unknown-failing")]
    public Task Unknown_and_failing() => Play.RunAsync("query-unknown-failing", async play =>
    {
        play.Worker<QueryBad>();
        var handle = await play.StartAsync("QueryBad");
        await play.FirstTaskAsync(handle);
        Assert.Contains("nope", await RefusedAsync("nope"), StringComparison.Ordinal);
        Assert.Equal("qf", await RefusedAsync("explode"));
        Assert.Equal("qp", await RefusedAsync("plain"));
        await RefusedAsync("needs");
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
        var rejected = await Assert.ThrowsAsync<WorkflowQueryRejectedException>(
            () => handle.QueryAsync<int>("needs", [1], new() { RejectCondition = QueryRejectCondition.NotOpen }));
        Assert.Equal(WorkflowExecutionStatus.Completed, rejected.WorkflowStatus);

        async Task<string> RefusedAsync(string query) => (await Assert.ThrowsAsync<WorkflowQueryFailedException>(() => handle.QueryAsync<object?>(query, []))).Message;
    });

    [Workflow]
    public class QueryBad : UpdateTests.UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "end";
        }

        [WorkflowQuery("explode")]
        public string Explode() => throw new ApplicationFailureException("qf", "QF");

        [WorkflowQuery("plain")]
        public string Plain() => throw new InvalidOperationException("qp");

        [WorkflowQuery("needs")]
        public int Needs(int number) => number;
    }

    [Scenario("query-dynamic")]
    public Task Dynamic_handler() => Play.RunAsync("query-dynamic", async play =>
    {
        play.Worker<QueryDynamic>();
        var handle = await play.StartAsync("QueryDynamic");
        await play.FirstTaskAsync(handle);
        play.Saw("query", await handle.QueryAsync<string>("whatever", ["x"]));
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class QueryDynamic : UpdateTests.UntilFinished
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await FinishedAsync();
            return "end";
        }

        [WorkflowQuery(Dynamic = true)]
        public string Any(string name, IRawValue[] args) => $"{name}:{Workflow.PayloadConverter.ToValue<string>(args[0].Payload)}";
    }

    [Scenario("query-metadata")]
    public Task Metadata() => Play.RunAsync("query-metadata", async play =>
    {
        play.Worker<QueryMeta>();
        var handle = await play.StartAsync("QueryMeta");
        await play.FirstTaskAsync(handle);
        var metadata = await handle.QueryAsync<Temporalio.Api.Sdk.V1.WorkflowMetadata>("__temporal_workflow_metadata", []);
        Assert.Equal("**details**", metadata.CurrentDetails);
        Assert.Equal(["ends it"], metadata.Definition.SignalDefinitions.Select(one => one.Description));
        Assert.Contains("tells state", metadata.Definition.QueryDefinitions.Select(one => one.Description));
        Assert.Equal(["adds one"], metadata.Definition.UpdateDefinitions.Select(one => one.Description));
        await handle.SignalAsync("finish", []);
        await play.EndAsync(handle);
    });

    [Workflow]
    public class QueryMeta
    {
        private bool _finished;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            Workflow.CurrentDetails = "**details**";
            await Workflow.WaitConditionAsync(() => _finished);
            return "end";
        }

        [WorkflowSignal("finish", Description = "ends it")]
        public Task FinishAsync()
        {
            _finished = true;
            return Task.CompletedTask;
        }

        [WorkflowQuery("state", Description = "tells state")]
        public string State() => _finished ? "finished" : "waiting";

        [WorkflowUpdate("bump", Description = "adds one")]
        public Task<int> BumpAsync() => Task.FromResult(1);
    }
}
