using System.Text.Json.Serialization;

namespace Dispatch.Contracts.Logs;

/// <summary>Bytes of one stream, as they were captured: never decoded, cut anywhere.</summary>
/// <param name="Stream">Which stream.</param>
/// <param name="Offset">Where the bytes stand in the stream, in bytes from its start.</param>
/// <param name="Time">When they were captured, UTC.</param>
/// <param name="Bytes">The bytes, 1 to <see cref="BytesMax"/>.</param>
public sealed record LogPiece(OutputStream Stream, long Offset, DateTimeOffset Time, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Most bytes of one piece: 1 MiB.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>The offset behind the last byte.</summary>
    [JsonIgnore]
    public long End => Offset + Bytes.Length;
}
