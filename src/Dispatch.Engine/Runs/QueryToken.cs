using Dispatch.Engine.Frontend;
using Google.Protobuf;

namespace Dispatch.Engine.Runs;

/// <summary>What a worker shows to answer a query that was asked by itself.</summary>
internal static class QueryToken
{
    private const byte Version = 2;

    public static ByteString Encode(string namespaceId, string queryId)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(Version);
        writer.Write(namespaceId);
        writer.Write(queryId);
        writer.Flush();
        return ByteString.CopyFrom(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <returns>The query's id.</returns>
    /// <exception cref="EngineException">INVALID_ARGUMENT: the engine didn't make this token.</exception>
    public static string Decode(ByteString token)
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
                _ = reader.ReadString();
                return reader.ReadString();
            }
        }
        catch (Exception malformed) when (malformed is IOException or FormatException or ArgumentException)
        {
            throw EngineException.InvalidArgument("Error deserializing task token.");
        }

        throw EngineException.InvalidArgument("Error deserializing task token.");
    }
}
