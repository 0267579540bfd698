using Google.Protobuf;

namespace Dispatch.Engine.Frontend;

/// <summary>Tokens that workers bring back as they got them: a byte that says which kind, and the parts.</summary>
internal static class TokenBytes
{
    public static ByteString Write(byte kind, Action<BinaryWriter> parts)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(kind);
        parts(writer);
        writer.Flush();
        return ByteString.CopyFrom(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <exception cref="EngineException">INVALID_ARGUMENT: the engine didn't make this token.</exception>
    public static T Read<T>(ByteString token, byte kind, Func<BinaryReader, T> parts)
    {
        if (token.IsEmpty)
        {
            throw EngineException.InvalidArgument("Task token not set on request.");
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(token.ToByteArray()));
            if (reader.ReadByte() == kind)
            {
                return parts(reader);
            }
        }
        catch (Exception malformed) when (malformed is IOException or FormatException or ArgumentException)
        {
            throw EngineException.InvalidArgument("Error deserializing task token.");
        }

        throw EngineException.InvalidArgument("Error deserializing task token.");
    }
}
