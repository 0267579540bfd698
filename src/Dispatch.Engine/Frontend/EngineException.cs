using Google.Protobuf;
using Grpc.Core;

namespace Dispatch.Engine.Frontend;

/// <summary>A refusal with the status, text and typed details that the caller gets.</summary>
internal sealed class EngineException : Exception
{
    public EngineException(StatusCode code, string message, params IMessage[] details) : base(message)
    {
        Code = code;
        Details = details;
    }

    /// <summary>The gRPC status.</summary>
    public StatusCode Code { get; }

    /// <summary>Messages of <c>temporal.api.errordetails.v1</c>, in order; mostly none or one.</summary>
    public IReadOnlyList<IMessage> Details { get; }

    public static EngineException InvalidArgument(string message) => new(StatusCode.InvalidArgument, message);
}
