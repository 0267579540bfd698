using Dispatch.Interop.Tests.Recordings;
using Dispatch.Interop.Tests.Stage;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Dispatch.Interop.Tests.Scenarios;

/// <summary>Arguments, results and what a workflow sees of itself.</summary>
public sealed class BasicTests
{
    [Scenario("basic-string")]
    public Task Text() => Play.RunAsync("basic-string", async play =>
    {
        play.Worker<Greet>();
        await play.EndAsync(await play.StartAsync("Greet", ["World"]));
    });

    [Workflow]
    public class Greet
    {
        [WorkflowRun]
        public Task<string> RunAsync(string name) => Task.FromResult($"Hello, {name}!");
    }

    [Scenario("basic-no-result")]
    public Task Nothing_in_and_out() => Play.RunAsync("basic-no-result", async play =>
    {
        play.Worker<Nothing>();
        await Play.EndedAsync(await play.StartAsync("Nothing"));
    }, [new("/result/payloads[0]/", "the .NET SDK gives a workflow without a result an empty object, Python's gives null")]);

    [Workflow]
    public class Nothing
    {
        [WorkflowRun]
        public async Task RunAsync() => await Workflow.WaitConditionAsync(() => true);
    }

    [Scenario("basic-bytes")]
    public Task Bytes() => Play.RunAsync("basic-bytes", async play =>
    {
        play.Worker<BytesBack>(options => options.AddActivity([Activity("reverse")] (byte[] data) => data.Reverse().ToArray()));
        var handle = await play.StartAsync("Bytes", [new byte[] { 0, 1, 2, 0xfe, 0xff }]);
        Assert.Equal([0xff, 0xfe, 2, 1, 0], await handle.GetResultAsync<byte[]>());
    });

    [Workflow("Bytes")]
    public class BytesBack
    {
        [WorkflowRun]
        public Task<byte[]> RunAsync(byte[] data) => Step.RemoteAsync<byte[]>("reverse", [data]);
    }

    [Scenario("basic-proto")]
    public Task Protobuf() => Play.RunAsync("basic-proto", async play =>
    {
        play.Worker<Proto>();
        var handle = await play.StartAsync("Proto", [new WorkflowExecution { WorkflowId = "w", RunId = "r" }]);
        Assert.Equal("w-seen", (await handle.GetResultAsync<WorkflowExecution>()).WorkflowId);
    });

    [Workflow]
    public class Proto
    {
        [WorkflowRun]
        public Task<WorkflowExecution> RunAsync(WorkflowExecution execution) => Task.FromResult(new WorkflowExecution { WorkflowId = $"{execution.WorkflowId}-seen", RunId = execution.RunId });
    }

    [Scenario("basic-dynamic")]
    public Task Dynamic() => Play.RunAsync("basic-dynamic", async play =>
    {
        play.Worker<AnyWorkflow>(options =>
        {
            options.Activities.Clear();
            options.AddActivity(AnyActivity);
        });
        await play.EndAsync(await play.StartAsync("SomeTypeNobodyDefined", ["x"]));
    });

    [Workflow(Dynamic = true)]
    public class AnyWorkflow
    {
        [WorkflowRun]
        public async Task<string> RunAsync(IRawValue[] args)
        {
            var first = Workflow.PayloadConverter.ToValue<string>(args[0].Payload);
            return $"{Workflow.Info.WorkflowType}:{await Step.RemoteAsync<string>("anyActivity", [first, 7])}";
        }
    }

    [Activity(Dynamic = true)]
    private static string AnyActivity(IRawValue[] args)
    {
        var context = ActivityExecutionContext.Current;
        return $"{context.Info.ActivityType}({context.PayloadConverter.ToValue<string>(args[0].Payload)},{context.PayloadConverter.ToValue<int>(args[1].Payload)})";
    }

    [Scenario("basic-info")]
    public Task What_it_sees_of_itself() => Play.RunAsync("basic-info", async play =>
    {
        play.Worker<InfoOfItself>();
        await Play.EndedAsync(await play.StartAsync("Info", more: options =>
        {
            options.ExecutionTimeout = TimeSpan.FromSeconds(60);
            options.RunTimeout = TimeSpan.FromSeconds(50);
            options.TaskTimeout = TimeSpan.FromSeconds(5);
            options.Memo = new Dictionary<string, object> { ["m"] = new { k = 1 } };
            options.RetryPolicy = new() { MaximumAttempts = 3 };
        }));
    }, [new("/json/startEqualsNow", "the .NET SDK takes the first task's time for the start's, Python's takes the started event's")]);

    [Workflow("Info")]
    public class InfoOfItself
    {
        [WorkflowRun]
        public Task<Dictionary<string, object?>> RunAsync()
        {
            var info = Workflow.Info;
            return Task.FromResult(new Dictionary<string, object?>
            {
                ["workflowId"] = info.WorkflowId,
                ["workflowType"] = info.WorkflowType,
                ["namespace"] = info.Namespace,
                ["taskQueue"] = info.TaskQueue,
                ["attempt"] = info.Attempt,
                ["executionTimeoutMs"] = info.ExecutionTimeout?.TotalMilliseconds,
                ["runTimeoutMs"] = info.RunTimeout?.TotalMilliseconds,
                ["taskTimeoutMs"] = info.TaskTimeout.TotalMilliseconds,
                ["cronSchedule"] = info.CronSchedule,
                ["continuedRunId"] = info.ContinuedRunId,
                ["parent"] = info.Parent,
                ["historyLength"] = Workflow.CurrentHistoryLength,
                ["continueAsNewSuggested"] = Workflow.ContinueAsNewSuggested,
                ["memo"] = Workflow.Memo.ToDictionary(entry => entry.Key, entry => Workflow.PayloadConverter.ToValue<object>(entry.Value.Payload)),
                ["hasRetryPolicy"] = info.RetryPolicy is not null,
                ["retryMaxAttempts"] = info.RetryPolicy?.MaximumAttempts,
                ["startEqualsNow"] = info.StartTime == Workflow.UtcNow,
            });
        }
    }
}
