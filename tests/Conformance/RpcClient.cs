using System.Diagnostics;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Temporalio.Api.Common.V1;

namespace Dispatch.Conformance;

/// <summary>Calls of one scenario: JSON in; code, text, details and JSON out.</summary>
internal sealed class RpcClient : IDisposable
{
    private const double TimeoutSecondsDefault = 15;
    private const string CompressionHeader = "grpc-internal-encoding-request";

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    private readonly GrpcChannel channel;
    private readonly CallInvoker invoker;

    public RpcClient(string address)
    {
        channel = GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions
        {
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
            MaxRetryAttempts = null,
        });
        invoker = channel.CreateCallInvoker();
    }

    /// <summary>Sends a call. <paramref name="step"/> holds the call's options; its request is given filled.</summary>
    public OpenCall Begin(JsonObject step, JsonNode? request, CancellationToken cancellationToken)
    {
        var method = Protocol.Resolve((string)step["call"]!);
        var bytes = Protocol.ToBytes(request, method.Request);
        var headers = new Metadata();
        if (step["metadata"] is JsonObject metadata)
        {
            foreach (var (key, value) in metadata)
            {
                headers.Add(key, (string)value!);
            }
        }

        if (step["compress"] is { } algorithm)
        {
            headers.Add(CompressionHeader, (string)algorithm!);
        }

        double? timeout = step.TryGetPropertyValue("timeout", out var given) ? (double?)given : TimeoutSecondsDefault;
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new OpenCall(CallAsync(method, bytes, headers, timeout, cancellation.Token), cancellation);
    }

    public void Dispose() => channel.Dispose();

    private async Task<Outcome> CallAsync(
        ProtocolMethod method, byte[] request, Metadata headers, double? timeoutSeconds, CancellationToken cancellationToken)
    {
        var slash = method.Path.LastIndexOf('/');
        var rpc = new Method<byte[], byte[]>(
            MethodType.Unary, slash > 0 ? method.Path[1..slash] : "", method.Path[(slash + 1)..], Bytes, Bytes);
        var watch = Stopwatch.StartNew();
        DateTime? deadline = timeoutSeconds is { } seconds ? DateTime.UtcNow.AddSeconds(seconds) : null;
        try
        {
            using var call = invoker.AsyncUnaryCall(rpc, null, new CallOptions(headers, deadline, cancellationToken), request);
            var response = await call.ResponseAsync.ConfigureAwait(false);
            var elapsed = watch.Elapsed;
            return new Outcome("OK", "", [], Protocol.ToJson(response, method.Response), elapsed);
        }
        catch (RpcException failure)
        {
            var elapsed = watch.Elapsed;
            var code = CodeName(failure.StatusCode);
            if (code == "CANCELLED" && timeoutSeconds is { } limit && elapsed.TotalSeconds >= limit - 0.2)
            {
                code = "DEADLINE_EXCEEDED"; // client and server noticed the deadline at the same moment
            }

            return new Outcome(code, failure.Status.Detail, Details(failure.Trailers), null, elapsed);
        }
    }

    private static JsonArray Details(Metadata trailers) => trailers.GetValueBytes("grpc-status-details-bin") is { } bytes
        ? new JsonArray([.. GrpcStatus.Parser.ParseFrom(bytes).Details.Select(detail => Protocol.ToJson(detail))])
        : [];

    private static string CodeName(StatusCode code) => code switch
    {
        StatusCode.OK => "OK",
        _ => string.Concat(code.ToString().Select((letter, index) =>
            index > 0 && char.IsUpper(letter) ? $"_{letter}" : char.ToUpperInvariant(letter).ToString())),
    };
}
