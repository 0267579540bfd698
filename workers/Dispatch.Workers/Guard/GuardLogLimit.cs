using System.Globalization;
using System.Text;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>Keeps the guard's log from growing for ever: beyond its most, only its end is kept, under a line that says so.</summary>
/// <remarks>The guard's own streams append to the file, so it is cut in place; what is written in that moment may be cut with it.</remarks>
internal static class GuardLogLimit
{
    /// <summary>Most bytes of the log.</summary>
    internal const int BytesMax = 4 << 20;

    /// <summary>How many bytes are kept of a log that had more.</summary>
    internal const int BytesKept = 1 << 20;

    /// <summary>Cuts the log of a data directory where it has more than <see cref="BytesMax"/>.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="now">The time, for the line.</param>
    internal static void Hold(string dataDirectory, DateTimeOffset now)
    {
        var path = ProcessLayout.LogFile(dataDirectory);
        if (new FileInfo(path) is not { Exists: true, Length: > BytesMax })
        {
            return;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var length = file.Length;
        var end = new byte[BytesKept];
        file.Seek(-BytesKept, SeekOrigin.End);
        file.ReadExactly(end);
        // From the first whole line on.
        var line = Array.IndexOf(end, (byte)'\n') + 1;
        var mark = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{now:O} the log had more than {BytesMax} bytes: its first {length - BytesKept + line} were cut off\n"));
        file.SetLength(0);
        file.Seek(0, SeekOrigin.Begin);
        file.Write(mark);
        file.Write(end.AsSpan(line));
    }
}
