using System.Net;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Engine.Tests.Frontend;

public class EngineHostTests
{
    private static readonly EngineOptions FreePort = new() { Port = 0 };

    [Fact]
    public async Task The_official_client_connects_and_finds_the_default_namespace()
    {
        await using var engine = await EngineHost.StartAsync(FreePort);
        var client = await TemporalClient.ConnectAsync(new(engine.Address));

        Assert.True(await client.Connection.CheckHealthAsync());
        var described = await client.WorkflowService.DescribeNamespaceAsync(new DescribeNamespaceRequest { Namespace = "default" });
        Assert.Equal(TimeSpan.FromDays(1), described.Config.WorkflowExecutionRetentionTtl.ToTimeSpan());
    }

    [Fact]
    public async Task Search_attributes_of_the_options_exist_at_the_start()
    {
        await using var engine = await EngineHost.StartAsync(FreePort with
        {
            SearchAttributes = new Dictionary<string, IndexedValueType> { ["Colour"] = IndexedValueType.Keyword },
        });
        var client = await TemporalClient.ConnectAsync(new(engine.Address));

        var listed = await client.OperatorService.ListSearchAttributesAsync(new ListSearchAttributesRequest { Namespace = "default" });

        Assert.Equal(IndexedValueType.Keyword, listed.CustomAttributes["Colour"]);
    }

    [Fact]
    public async Task A_refusal_carries_its_typed_detail()
    {
        await using var engine = await EngineHost.StartAsync(FreePort);
        var client = await TemporalClient.ConnectAsync(new(engine.Address));

        var refusal = await Assert.ThrowsAsync<RpcException>(() => client.WorkflowService.DescribeNamespaceAsync(
            new DescribeNamespaceRequest { Namespace = "none" }));

        Assert.Equal(RpcException.StatusCode.NotFound, refusal.Code);
        Assert.Equal("Namespace none is not found.", refusal.Message);
        Assert.Contains("NamespaceNotFoundFailure", Assert.Single(refusal.GrpcStatus.Value!.Details).TypeUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_served_is_unimplemented()
    {
        await using var engine = await EngineHost.StartAsync(FreePort);
        var client = await TemporalClient.ConnectAsync(new(engine.Address));

        var refusal = await Assert.ThrowsAsync<RpcException>(() => client.OperatorService.ListNexusEndpointsAsync(new ListNexusEndpointsRequest()));

        Assert.Equal(RpcException.StatusCode.Unimplemented, refusal.Code);
    }

    [Fact]
    public async Task A_request_over_four_megabytes_is_refused_in_the_words_that_clients_know()
    {
        await using var engine = await EngineHost.StartAsync(FreePort);
        var client = await TemporalClient.ConnectAsync(new(engine.Address));
        var request = new RegisterNamespaceRequest { Namespace = "big", Description = new string('x', 4 * 1024 * 1024) };

        var refusal = await Assert.ThrowsAsync<RpcException>(() => client.WorkflowService.RegisterNamespaceAsync(request));

        Assert.Equal(RpcException.StatusCode.ResourceExhausted, refusal.Code);
        Assert.StartsWith("grpc: received message larger than max", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_a_sentence()
    {
        await using var engine = await EngineHost.StartAsync(FreePort);

        var failure = await Assert.ThrowsAsync<EngineStartException>(() => EngineHost.StartAsync(FreePort with { Port = engine.EndPoint.Port }));

        Assert.Equal(
            $"Port {engine.EndPoint.Port} on 127.0.0.1 is in use. Stop what listens there, or give the engine another port.", failure.Message);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_a_sentence()
    {
        var failure = await Assert.ThrowsAsync<EngineStartException>(
            () => EngineHost.StartAsync(FreePort with { Address = IPAddress.Parse("192.0.2.1") }));

        Assert.Contains("192.0.2.1", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public async Task A_port_out_of_range_is_a_sentence(int port)
    {
        var failure = await Assert.ThrowsAsync<EngineStartException>(() => EngineHost.StartAsync(FreePort with { Port = port }));

        Assert.Contains($"port is {port}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hundreds_of_polls_on_one_connection_leave_room_for_other_calls_and_end_when_it_stops()
    {
        const int polls = 400;
        var engine = await EngineHost.StartAsync(FreePort);
        var client = await TemporalClient.ConnectAsync(new(engine.Address));
        var open = Enumerable.Range(0, polls).Select(number => client.WorkflowService.PollActivityTaskQueueAsync(
            new PollActivityTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = $"queue-{number}" }, Identity = "worker" },
            new RpcOptions { Timeout = TimeSpan.FromSeconds(60), Retry = false })).ToList();
        await UntilAsync(async () =>
        {
            var last = await client.WorkflowService.DescribeTaskQueueAsync(new DescribeTaskQueueRequest
            {
                Namespace = "default",
                TaskQueue = new() { Name = $"queue-{polls - 1}" },
                TaskQueueType = TaskQueueType.Activity,
            });
            return last.Pollers.Count > 0;
        });

        await engine.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        foreach (var poll in open)
        {
            var ended = await Assert.ThrowsAsync<RpcException>(() => poll);
            Assert.Equal(RpcException.StatusCode.Unavailable, ended.Code);
        }
    }

    [Fact]
    public async Task Its_port_is_free_again_when_it_has_stopped()
    {
        var engine = await EngineHost.StartAsync(FreePort);
        await engine.DisposeAsync();
        await engine.DisposeAsync();

        await using var next = await EngineHost.StartAsync(FreePort with { Port = engine.EndPoint.Port });

        Assert.Equal(engine.Address, next.Address);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
