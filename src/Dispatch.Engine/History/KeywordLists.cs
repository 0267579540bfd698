using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Dispatch.Engine.History;

/// <summary>Search attributes of type KeywordList that the engine itself keeps.</summary>
internal static class KeywordLists
{
    public static Payload Of(IReadOnlyList<string> words)
    {
        var payload = new Payload { Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(words)) };
        payload.Metadata["encoding"] = ByteString.CopyFromUtf8("json/plain");
        payload.Metadata["type"] = ByteString.CopyFromUtf8("KeywordList");
        return payload;
    }

    public static List<string> Read(Payload? payload) =>
        payload is null ? [] : JsonSerializer.Deserialize<List<string>>(payload.Data.Span) ?? [];
}
