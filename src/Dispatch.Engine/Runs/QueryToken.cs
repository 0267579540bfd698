using Dispatch.Engine.Frontend;
using Google.Protobuf;

namespace Dispatch.Engine.Runs;

/// <summary>What a worker shows to answer a query that was asked by itself.</summary>
internal static class QueryToken
{
    private const byte Kind = 2;

    public static ByteString Encode(string queryId) => TokenBytes.Write(Kind, writer => writer.Write(queryId));

    /// <returns>The query's id.</returns>
    /// <exception cref="EngineException">INVALID_ARGUMENT: the engine didn't make this token.</exception>
    public static string Decode(ByteString token) => TokenBytes.Read(token, Kind, reader => reader.ReadString());
}
