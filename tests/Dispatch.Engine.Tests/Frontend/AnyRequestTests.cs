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

    [Theory]
    [InlineData("00000000050A")] // shorter than it says
    [InlineData("0000000001FF")] // no message
    [InlineData("0100000001FF")] // compressed, but with nothing
    [InlineData("0700000000")] // an unknown flag
    public async Task Bytes_that_are_no_request_are_refused_and_the_engine_lives_on(string hex)
    {
        await using var engine = await EngineHost.StartAsync(new EngineOptions { Port = 0 });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var method = Methods.Single(item => item.Name == "DescribeNamespace");

        var (status, _) = await SendAsync(client, engine.Address, method, Convert.FromHexString(hex), CancellationToken.None);
        Assert.NotEqual(0, status);

        var (alive, _) = await CallAsync(client, engine.Address, method, new Temporalio.Api.WorkflowService.V1.DescribeNamespaceRequest { Namespace = "default" }.ToByteArray(), CancellationToken.None);
        Assert.Equal(0, alive);
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
