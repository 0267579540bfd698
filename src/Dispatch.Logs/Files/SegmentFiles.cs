using System.Buffers.Binary;
using System.Globalization;
using Dispatch.Contracts.Logs;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Logs.Files;

/// <summary>Names, headers and reads of the files in a log's folder.</summary>
internal static class SegmentFiles
{
    public const int IndexHeaderSize = 24;
    public const string IndexPattern = "index-*";

    private const long IndexMagic = 0x31_58_44_49_47_4F_4C_44; // "DLOGIDX1"

    public static string PatternOf(OutputStream stream) => NameOf(stream) + "-*";

    public static string DataPath(string folder, OutputStream stream, long start) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{NameOf(stream)}-{start:D19}"));

    public static string IndexPath(string folder, int number) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"index-{number:D8}"));

    /// <summary>The number behind the dash; null for a name that is not one of ours.</summary>
    public static long? NumberIn(string path) =>
        long.TryParse(Path.GetFileName(path).AsSpan()[(Path.GetFileName(path).LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    public static SafeFileHandle OpenToWrite(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Opens to read; null where the file was dropped meanwhile.</summary>
    public static SafeFileHandle? TryOpenToRead(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public static void WriteHeader(Span<byte> to, LogCursor start)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, IndexMagic);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], start.Stdout);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], start.Stderr);
    }

    public static bool TryReadHeader(ReadOnlySpan<byte> from, out LogCursor start)
    {
        start = default;
        if (from.Length < IndexHeaderSize || BinaryPrimitives.ReadInt64LittleEndian(from) != IndexMagic)
            return false;
        start = new(BinaryPrimitives.ReadInt64LittleEndian(from[8..]), BinaryPrimitives.ReadInt64LittleEndian(from[16..]));
        return start is { Stdout: >= 0, Stderr: >= 0 };
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    public static int ReadFully(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(file, buffer[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    private static string NameOf(OutputStream stream) => stream == OutputStream.Stdout ? "stdout" : "stderr";
}
