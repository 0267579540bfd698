using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>One method: makes the call's context, asks the handler, and turns refusals into statuses with their details.</summary>
internal sealed partial class UnaryCall<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new()
{
    /// <summary>Smaller answers are not worth compressing.</summary>
    private const int CompressedBytesMin = 1024;

    private readonly string path;
    private readonly Func<TRequest, CallContext, Task<TResponse>> handler;
    private readonly EngineServices services;
    private readonly ILogger logger;
    private readonly NamespaceGate gate;

    public UnaryCall(
        string path, Func<TRequest, CallContext, Task<TResponse>> handler, EngineServices services, ILogger logger)
    {
        this.path = path;
        this.handler = handler;
        this.services = services;
        this.logger = logger;
        gate = NamespaceGate.For(path, new TRequest().Descriptor, services.Namespaces);
    }

    public async Task<TResponse> AnswerAsync(TRequest request, ServerCallContext call)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, services.Stopping);
        try
        {
            ServerVersion.Check(call.RequestHeaders.GetValue("supported-server-versions"));
            var context = new CallContext(
                call.RequestHeaders,
                call.Deadline == DateTime.MaxValue ? null : new DateTimeOffset(call.Deadline, TimeSpan.Zero),
                ended.Token)
            {
                Namespace = gate.Admit(request),
            };
            RequestValidation.Check(request, context);
            var response = await handler(request, context).ConfigureAwait(false);
            if (call.RequestHeaders.GetValue("grpc-encoding") != "gzip" || response.CalculateSize() < CompressedBytesMin)
            {
                call.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            }

            return response;
        }
        catch (EngineException refusal)
        {
            throw Refused(refusal);
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller went away."));
        }
        catch (OperationCanceledException) when (services.Stopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The engine is stopping."));
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            LogFailed(logger, failure, path);
            throw new RpcException(new Status(StatusCode.Internal, $"{path} failed inside the engine: {failure.Message}"));
        }
    }

    private static RpcException Refused(EngineException refusal)
    {
        var trailers = new Metadata();
        if (refusal.Details.Count > 0)
        {
            // GrpcStatus is google.rpc.Status under another name: the same fields with the same numbers.
            var status = new GrpcStatus { Code = (int)refusal.Code, Message = refusal.Message };
            status.Details.AddRange(refusal.Details.Select(detail => detail as Any ?? Any.Pack(detail)));
            trailers.Add("grpc-status-details-bin", status.ToByteArray());
        }

        return new RpcException(new Status(refusal.Code, refusal.Message), trailers);
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Error, Message = "{Path} failed inside the engine")]
    private static partial void LogFailed(ILogger logger, Exception failure, string path);
}
