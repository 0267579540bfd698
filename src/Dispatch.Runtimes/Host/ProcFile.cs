using System.Runtime.InteropServices;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>Reads and writes the small files of /proc and /sys in one go, without exceptions for what went away meanwhile.</summary>
internal static unsafe class ProcFile
{
    private const int FileBytesMax = 16 << 20;

    /// <summary>The whole file, or null where it cannot be read.</summary>
    internal static byte[]? Read(string path)
    {
        var fd = LibC.open(path, O_RDONLY | O_CLOEXEC, 0);
        if (fd < 0)
        {
            return null;
        }

        try
        {
            var buffer = new byte[4096];
            var length = 0;
            while (true)
            {
                fixed (byte* start = buffer)
                {
                    var count = (int)LibC.read(fd, start + length, (nuint)(buffer.Length - length));
                    if (count < 0)
                    {
                        if (Marshal.GetLastPInvokeError() == EINTR)
                        {
                            continue;
                        }

                        return null;
                    }

                    if (count == 0)
                    {
                        return buffer[..length];
                    }

                    length += count;
                }

                if (length == buffer.Length)
                {
                    if (length >= FileBytesMax)
                    {
                        return buffer;
                    }

                    Array.Resize(ref buffer, length * 2);
                }
            }
        }
        finally
        {
            _ = LibC.close(fd);
        }
    }

    /// <summary>Writes a value into an existing file; false where that is refused.</summary>
    internal static bool Write(string path, ReadOnlySpan<byte> value)
    {
        var fd = LibC.open(path, O_WRONLY | O_CLOEXEC, 0);
        if (fd < 0)
        {
            return false;
        }

        fixed (byte* start = value)
        {
            var written = LibC.write(fd, start, (nuint)value.Length);
            _ = LibC.close(fd);
            return written == value.Length;
        }
    }

    /// <summary>Numbers, separated by blanks or newlines.</summary>
    internal static List<int> Numbers(ReadOnlySpan<byte> text)
    {
        var numbers = new List<int>();
        var value = -1;
        foreach (var c in text)
        {
            if (c is >= (byte)'0' and <= (byte)'9')
            {
                value = (Math.Max(value, 0) * 10) + (c - '0');
            }
            else if (value >= 0)
            {
                numbers.Add(value);
                value = -1;
            }
        }

        if (value >= 0)
        {
            numbers.Add(value);
        }

        return numbers;
    }
}
