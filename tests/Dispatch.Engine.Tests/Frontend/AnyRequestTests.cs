using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Xunit.Abstractions;

namespace Dispatch.Engine.Tests.Frontend;

/// <summary>Whatever a client sends, it gets an answer that says what was wrong with it.</summary>
public class AnyRequestTests(ITestOutputHelper output)
{
    private const int Unknown = 2;
    private const int Internal = 13;

    private static readonly IEnumerable<MethodDescriptor> Methods =
    [
        .. Temporalio.Api.WorkflowService.V1.ServiceReflection.Descriptor.Services[0].Methods,
        .. Temporalio.Api.OperatorService.V1.ServiceReflection.Descriptor.Services[0].Methods,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_request_is_answered_with_an_internal_error(int seed)
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var messages = new RandomMessages(new Random(seed));
        var failures = new List<string>();
        var calls = from method in Methods
                    from number in Enumerable.Range(0, 20)
                    select (method, message: number == 0 ? [] : messages.Next(method.InputType).ToByteArray());
        await Parallel.ForEachAsync(calls.ToList(), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (call, cancellationToken) =>
        {
            var (status, text) = await CallAsync(client, engine.Address, call.method, call.message, cancellationToken);
            if (status is Unknown or Internal)
            {
                lock (failures)
                {
                    failures.Add($"{call.method.Name} {text} {call.method.InputType.Parser.ParseFrom(call.message)}");
                }
            }
        });

        foreach (var failure in failures)
        {
            output.WriteLine(failure);
        }

        Assert.Empty(failures);
    }

    [Fact]
    public async Task No_request_with_a_field_missing_empty_or_too_large_fails_inside_the_engine_or_is_never_answered()
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var service = (await Temporalio.Client.TemporalClient.ConnectAsync(new(engine.Address))).WorkflowService;
        var (number, failures, calls) = (0, new List<string>(), 0);

        // What one call has broken, the next may need: each kind of request gets a workflow and tasks of its own from time to time.
        foreach (var index in Enumerable.Range(0, ValidRequests.All(ByteString.Empty, ByteString.Empty).Count))
        {
            var (workflowTask, activityTask) = await LiveTasksAsync(service, ++number);
            var broken = BrokenMessages.Of(ValidRequests.All(workflowTask, activityTask)[index]);
            await Parallel.ForEachAsync(broken, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (item, _) =>
            {
                var method = Methods.Single(method => method.InputType == item.Message.Descriptor);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                var (status, text) = await CallAsync(client, engine.Address, method, item.Message.ToByteArray(), patience.Token);
                Interlocked.Increment(ref calls);
                if (status is Unknown or Internal)
                {
                    lock (failures)
                    {
                        failures.Add($"{method.Name} with {item.Change}: {status} {text}");
                    }
                }
            });
        }

        output.WriteLine($"{calls} calls");
        Assert.Empty(failures);
        Assert.True(calls > 500, $"only {calls} calls");
    }

    [Theory]
    [InlineData("00000000050A", Unknown)] // shorter than it says
    [InlineData("0000000001FF", Internal)] // no message
    [InlineData("0100000001FF", Internal)] // compressed, but with nothing
    [InlineData("0700000000", Internal)] // an unknown flag
    public async Task Bytes_that_are_no_request_are_refused_and_the_engine_lives_on(string hex, int code)
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var method = Methods.Single(item => item.Name == "DescribeNamespace");

        var (status, text) = await SendAsync(client, engine.Address, method, Convert.FromHexString(hex), CancellationToken.None);
        Assert.True(code == status, $"{status}: {text}");

        var (alive, _) = await CallAsync(client, engine.Address, method, new Temporalio.Api.WorkflowService.V1.DescribeNamespaceRequest { Namespace = "default" }.ToByteArray(), CancellationToken.None);
        Assert.Equal(0, alive);
    }

    /// <summary>Tokens of a started workflow task and of a started activity of the workflow <c>wf</c>, begun anew.</summary>
    private static async Task<(ByteString WorkflowTask, ByteString ActivityTask)> LiveTasksAsync(Temporalio.Client.WorkflowService service, int number)
    {
        var patience = new Temporalio.Client.RpcOptions { Timeout = TimeSpan.FromSeconds(30) };
        var start = ValidRequests.Start("wf");
        start.RequestId = $"start-{number}";
        start.WorkflowIdConflictPolicy = Temporalio.Api.Enums.V1.WorkflowIdConflictPolicy.TerminateExisting;
        start.TaskQueue = new() { Name = $"live-{number}" };
        await service.StartWorkflowExecutionAsync(start);
        async Task<ByteString> PollAsync() => (await service.PollWorkflowTaskQueueAsync(
            new() { Namespace = "default", TaskQueue = new() { Name = start.TaskQueue.Name } }, patience)).TaskToken;
        var activity = ValidRequests.Activity("a");
        activity.TaskQueue = new() { Name = start.TaskQueue.Name };
        await service.RespondWorkflowTaskCompletedAsync(new()
        {
            Namespace = "default",
            TaskToken = await PollAsync(),
            Commands = { new Temporalio.Api.Command.V1.Command { CommandType = Temporalio.Api.Enums.V1.CommandType.ScheduleActivityTask, ScheduleActivityTaskCommandAttributes = activity } },
        });
        var started = await service.PollActivityTaskQueueAsync(new() { Namespace = "default", TaskQueue = new() { Name = start.TaskQueue.Name } }, patience);
        await service.SignalWorkflowExecutionAsync(new() { Namespace = "default", WorkflowExecution = new() { WorkflowId = "wf" }, SignalName = "go", RequestId = "go" });
        return (await PollAsync(), started.TaskToken);
    }

    private static Task<(int Status, string Text)> CallAsync(
        HttpClient client, string address, MethodDescriptor method, byte[] message, CancellationToken cancellationToken)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return SendAsync(client, address, method, frame, cancellationToken);
    }

    private static async Task<(int Status, string Text)> SendAsync(
        HttpClient client, string address, MethodDescriptor method, byte[] frame, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{address}/{method.Service.FullName}/{method.Name}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new("application/grpc") } },
            Headers = { { "te", "trailers" }, { "grpc-timeout", "1S" } },
        };
        using var response = await client.SendAsync(request, cancellationToken);
        await response.Content.ReadAsByteArrayAsync(cancellationToken);
        string Find(string name) => response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values) ? values.First() : "";
        return (int.Parse(Find("grpc-status"), System.Globalization.CultureInfo.InvariantCulture), Find("grpc-message"));
    }
}
