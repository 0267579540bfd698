using System.Buffers.Binary;
using System.Text;

namespace Dispatch.Runtimes.Process;

/// <summary>Reads what <see cref="FrameWriter"/> wrote, and trusts no length in it.</summary>
internal sealed class FrameReader
{
    private readonly byte[] _frame;
    private int _offset;

    internal FrameReader(byte[] frame)
    {
        _frame = frame;
        Kind = (GuardFrame)Byte();
        Number = (uint)Int();
    }

    internal GuardFrame Kind { get; }

    internal uint Number { get; }

    /// <summary>Reads the next frame off a stream; null at its end.</summary>
    internal static async ValueTask<FrameReader?> ReadAsync(Stream stream, byte[] head, CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(head.AsMemory(0, sizeof(int)), sizeof(int), throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < sizeof(int))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length is < 5 or > FrameWriter.FrameBytesMax)
        {
            throw new FrameException($"A frame of {length} bytes is refused: it must have 5 to {FrameWriter.FrameBytesMax}.");
        }

        var frame = new byte[length];
        await stream.ReadExactlyAsync(frame, cancellationToken).ConfigureAwait(false);
        return new FrameReader(frame);
    }

    internal byte Byte() => Take(1)[0];

    internal bool Bool() => Byte() != 0;

    internal int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    internal long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    internal double Double() => BitConverter.Int64BitsToDouble(Long());

    internal string Text() => OptionalText() ?? throw new FrameException("A text is missing in a frame.");

    internal string? OptionalText()
    {
        var length = Int();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    internal string[] Texts()
    {
        var count = Int();
        if (count < 0 || count > _frame.Length)
        {
            throw new FrameException("A list in a frame has an impossible length.");
        }

        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = Text();
        }

        return texts;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _frame.Length - _offset)
        {
            throw new FrameException("A frame ends before its content does.");
        }

        _offset += count;
        return _frame.AsSpan(_offset - count, count);
    }
}
