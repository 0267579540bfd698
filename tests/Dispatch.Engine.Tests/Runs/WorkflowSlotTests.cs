using Temporalio.Api.Common.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Engine.Tests.Runs;

public class WorkflowSlotTests
{
    [Fact]
    public async Task Signals_from_everywhere_are_all_in_history_once()
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(engine.Address));
        await StartAsync(client, "many");
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => client.WorkflowService.SignalWorkflowExecutionAsync(
            new SignalWorkflowExecutionRequest
            {
                Namespace = "default",
                WorkflowExecution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = "many" },
                SignalName = $"signal {i}",
                RequestId = $"request {i}",
            })));
        var history = await client.GetWorkflowHandle("many").FetchHistoryAsync();
        var events = history.Events.ToList();
        Assert.Equal(Enumerable.Range(1, 302), events.Select(happened => (int)happened.EventId));
        Assert.Equal(300, events.Where(e => e.WorkflowExecutionSignaledEventAttributes is not null)
            .Select(e => e.WorkflowExecutionSignaledEventAttributes.SignalName).Distinct().Count());
    }

    [Fact]
    public async Task One_of_many_starts_of_an_id_begins_a_run()
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(engine.Address));
        var starts = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            try
            {
                await StartAsync(client, "one");
                return true;
            }
            catch (RpcException refusal) when (refusal.Code == RpcException.StatusCode.AlreadyExists)
            {
                return false;
            }
        }));
        Assert.Single(starts, started => started);
    }

    [Fact]
    public async Task The_run_that_closed_first_is_forgotten_when_there_are_too_many()
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0, ClosedRunsMax = 2 });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(engine.Address));
        for (var i = 0; i < 3; i++)
        {
            await StartAsync(client, $"workflow {i}");
            await client.GetWorkflowHandle($"workflow {i}").TerminateAsync();
        }

        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(20);
        while (await KnowsAsync(client, "workflow 0") && TimeProvider.System.GetUtcNow() < deadline)
        {
            await Task.Yield();
        }

        Assert.False(await KnowsAsync(client, "workflow 0"));
        Assert.True(await KnowsAsync(client, "workflow 1"));
        await StartAsync(client, "workflow 0");
        Assert.True(await KnowsAsync(client, "workflow 0"));
    }

    private static async Task<bool> KnowsAsync(TemporalClient client, string workflowId)
    {
        try
        {
            await client.GetWorkflowHandle(workflowId).DescribeAsync();
            return true;
        }
        catch (RpcException missing) when (missing.Code == RpcException.StatusCode.NotFound)
        {
            return false;
        }
    }

    private static Task<StartWorkflowExecutionResponse> StartAsync(TemporalClient client, string workflowId) => client.WorkflowService.StartWorkflowExecutionAsync(
        new StartWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowId = workflowId,
            WorkflowType = new WorkflowType { Name = "Flow" },
            TaskQueue = new TaskQueue { Name = "queue" },
            RequestId = Guid.NewGuid().ToString(),
        });
}
