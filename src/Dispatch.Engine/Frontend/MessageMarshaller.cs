using Google.Protobuf;
using Grpc.Core;

namespace Dispatch.Engine.Frontend;

/// <summary>Reads and writes one message type; bytes that are no such message are INTERNAL, as with the real server.</summary>
internal static class MessageMarshaller<T>
    where T : class, IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(() => new T());

    public static Marshaller<T> Instance { get; } = new(Write, Read);

    private static void Write(T message, SerializationContext context)
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static T Read(DeserializationContext context)
    {
        try
        {
            return Parser.ParseFrom(context.PayloadAsReadOnlySequence());
        }
        catch (InvalidProtocolBufferException failure)
        {
            throw new RpcException(new Status(
                StatusCode.Internal, $"grpc: error unmarshalling request: {failure.Message}"));
        }
    }
}
