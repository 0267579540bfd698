using System.Buffers.Binary;
using System.Text;

namespace Dispatch.Runtimes.Process;

/// <summary>Writes one frame between worker and guard: 4 bytes of length, then kind, number and content. Little endian, texts as length and UTF-8.</summary>
internal sealed class FrameWriter
{
    /// <summary>The largest frame, in bytes: all the arguments and the environment that the kernel takes, and room.</summary>
    internal const int FrameBytesMax = 8 << 20;

    private byte[] _buffer = new byte[512];
    private int _length = sizeof(int);

    internal FrameWriter(GuardFrame kind, uint number)
    {
        Byte((byte)kind);
        Int((int)number);
    }

    internal FrameWriter Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    internal FrameWriter Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    internal FrameWriter Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(sizeof(int)), value);
        return this;
    }

    internal FrameWriter Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(sizeof(long)), value);
        return this;
    }

    internal FrameWriter Double(double value) => Long(BitConverter.DoubleToInt64Bits(value));

    internal FrameWriter Text(string? value)
    {
        if (value is null)
        {
            return Int(-1);
        }

        var bytes = Encoding.UTF8.GetByteCount(value);
        Int(bytes);
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
        return this;
    }

    internal FrameWriter Texts(IReadOnlyCollection<string> values)
    {
        Int(values.Count);
        foreach (var value in values)
        {
            Text(value);
        }

        return this;
    }

    /// <summary>The finished frame.</summary>
    internal ReadOnlyMemory<byte> Frame()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, _length - sizeof(int));
        return _buffer.AsMemory(0, _length);
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > FrameBytesMax)
        {
            throw new FrameException($"A frame to or from the guard is larger than {FrameBytesMax} bytes.");
        }

        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
