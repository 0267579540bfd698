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
    private const byte Kind = 1;

    public ByteString Encode() => TokenBytes.Write(Kind, writer =>
    {
        writer.Write(NamespaceId);
        writer.Write(WorkflowId);
        writer.Write(RunId);
        writer.Write(ScheduledEventId);
        writer.Write(StartedEventId);
        writer.Write(Serial);
        writer.Write(Stamp);
    });

    /// <exception cref="EngineException">INVALID_ARGUMENT: the engine didn't make this token.</exception>
    public static TaskToken Decode(ByteString token) => TokenBytes.Read(token, Kind, reader => new TaskToken(
        reader.ReadString(),
        reader.ReadString(),
        reader.ReadString(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        reader.ReadInt32()));
}
