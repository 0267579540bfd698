using System.Buffers.Binary;
using Dispatch.Contracts.Logs;

namespace Dispatch.Logs.Files;

/// <summary>One entry of the index: so many bytes of one stream came at this time. 16 bytes: microseconds since 1970, stream and length, check.</summary>
internal readonly record struct IndexEntry(OutputStream Stream, int Length, DateTimeOffset Time)
{
    public const int Size = 16;

    private const int StreamShift = 28;
    private const uint LengthMask = (1u << StreamShift) - 1;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, (Time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], ((uint)Stream << StreamShift) | (uint)Length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], Check(to));
    }

    /// <summary>Reads an entry; false for bytes that no whole write left.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out IndexEntry entry)
    {
        entry = default;
        if (from.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(from[12..]) != Check(from))
            return false;
        var packed = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        var stream = (OutputStream)(packed >> StreamShift);
        var length = (int)(packed & LengthMask);
        if (stream is not (OutputStream.Stdout or OutputStream.Stderr) || length == 0)
            return false;
        entry = new(stream, length, DateTimeOffset.UnixEpoch.AddTicks(BinaryPrimitives.ReadInt64LittleEndian(from) * TimeSpan.TicksPerMicrosecond));
        return true;
    }

    /// <summary>FNV-1a over the first twelve bytes.</summary>
    private static uint Check(ReadOnlySpan<byte> bytes)
    {
        var hash = 2_166_136_261u;
        foreach (var value in bytes[..12])
            hash = (hash ^ value) * 16_777_619u;
        return hash;
    }
}
