using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Engine.Tests.Runs;

/// <summary>What came out when recorded requests were changed at random: each must be refused, none may fail inside the engine.</summary>
public class BadRequestsFromWorkersTests
{
    private const string Queue = "queue";

    [Fact]
    public async Task A_message_for_an_update_that_is_not_there_fails_the_task_also_when_the_task_would_be_discarded()
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        var service = (await TemporalClient.ConnectAsync(new(engine.Address))).WorkflowService;
        await service.StartWorkflowExecutionAsync(Start());
        var first = await PollAsync(service);
        await service.RespondWorkflowTaskCompletedAsync(new() { Namespace = "default", TaskToken = first.TaskToken });
        var update = service.UpdateWorkflowExecutionAsync(new()
        {
            Namespace = "default",
            WorkflowExecution = new() { WorkflowId = "wf" },
            Request = new() { Meta = new Meta { UpdateId = "u1" }, Input = new Input { Name = "set" } },
        });
        var speculative = await PollAsync(service);

        var refusal = await Assert.ThrowsAsync<RpcException>(() => service.RespondWorkflowTaskCompletedAsync(new()
        {
            Namespace = "default",
            TaskToken = speculative.TaskToken,
            Messages = { new Temporalio.Api.Protocol.V1.Message { Id = "m", ProtocolInstanceId = "another", Body = Any.Pack(new Rejection()) } },
        }));

        Assert.Equal(RpcException.StatusCode.InvalidArgument, refusal.Code);
        Assert.StartsWith("BadUpdateWorkflowExecutionMessage", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(RpcException.StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => update)).Code);
    }

    [Fact]
    public async Task The_longest_interval_of_a_retry_policy_is_taken()
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        var service = (await TemporalClient.ConnectAsync(new(engine.Address))).WorkflowService;
        var start = Start();
        start.RetryPolicy = new RetryPolicy { InitialInterval = new Duration { Seconds = 315_576_000_000 } };

        Assert.True((await service.StartWorkflowExecutionAsync(start)).Started);
    }

    private static StartWorkflowExecutionRequest Start() => new()
    {
        Namespace = "default",
        WorkflowId = "wf",
        WorkflowType = new WorkflowType { Name = "Flow" },
        TaskQueue = new() { Name = Queue },
        RequestId = "start",
    };

    private static Task<PollWorkflowTaskQueueResponse> PollAsync(WorkflowService service) => service.PollWorkflowTaskQueueAsync(
        new() { Namespace = "default", TaskQueue = new() { Name = Queue }, Identity = "worker" },
        new RpcOptions { Timeout = TimeSpan.FromSeconds(20) });
}
