using Dispatch.Engine.Frontend;
using Google.Protobuf;

namespace Dispatch.Engine.History;

/// <summary>What a worker shows to prove which task it answers.</summary>
/// <param name="NamespaceId">Of the run.</param>
/// <param name="WorkflowId">Of the run.</param>
/// <param name="RunId">Of the run.</param>
/// <param name="ScheduledEventId">Of the activity; 0 for a workflow task.</param>
/// <param name="StartedEventId">Of the workflow task; 0 for an activity.</param>
/// <param name="Serial">The workflow task's serial number; the activity's attempt.</param>
/// <param name="Stamp">The activity's stamp.</param>
internal sealed record TaskToken(
    string NamespaceId, string WorkflowId, string RunId, long ScheduledEventId, long StartedEventId, long Serial, int Stamp)
{
    private const byte Version = 1;

    public ByteString Encode()
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(Version);
        writer.Write(NamespaceId);
        writer.Write(WorkflowId);
        writer.Write(RunId);
        writer.Write(ScheduledEventId);
        writer.Write(StartedEventId);
        writer.Write(Serial);
        writer.Write(Stamp);
        writer.Flush();
        return ByteString.CopyFrom(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <exception cref="EngineException">INVALID_ARGUMENT: the engine didn't make this token.</exception>
    public static TaskToken Decode(ByteString token)
    {
        if (token.IsEmpty)
        {
            throw EngineException.InvalidArgument("Task token not set on request.");
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(token.ToByteArray()));
            if (reader.ReadByte() == Version)
            {
                return new TaskToken(
                    reader.ReadString(),
                    reader.ReadString(),
                    reader.ReadString(),
                    reader.ReadInt64(),
                    reader.ReadInt64(),
                    reader.ReadInt64(),
                    reader.ReadInt32());
            }
        }
        catch (Exception malformed) when (malformed is IOException or FormatException or ArgumentException)
        {
            throw EngineException.InvalidArgument("Error deserializing task token.");
        }

        throw EngineException.InvalidArgument("Error deserializing task token.");
    }
}
