using System.Text.Json;
using Dispatch.Contracts;

namespace Dispatch.Workers.Attempts;

/// <summary>A file of lines of JSON that only grows. One file takes all, because making a file costs more than writing to one, and its first sync takes its name along.</summary>
/// <param name="path">The file.</param>
/// <param name="shorten">What of the lines still counts, once the file has grown to <see cref="BytesMax"/>.</param>
internal sealed class Journal<T>(string path, Func<IEnumerable<T>, IEnumerable<T>> shorten)
    where T : class
{
    /// <summary>From this size on the file is written anew, with what still counts; where that is more, from twice its size on.</summary>
    internal const int BytesMax = 256 * 1024;

    private readonly Lock writing = new();
    private long bytesMax = BytesMax;

    /// <summary>Adds a line; the file is made where there is none.</summary>
    /// <param name="line">The line.</param>
    /// <param name="durable">Whether all of the file is flushed to the disk before the call returns.</param>
    internal void Append(T line, bool durable)
    {
        lock (writing)
        {
            using var file = new FileStream(path, DurableFile.OwnersOnly(FileMode.Append));
            if (file.Position > bytesMax)
            {
                byte[] shortened = [.. shorten([.. Read(), line]).SelectMany(Line)];
                DurableFile.Write(path, shortened, durable);
                bytesMax = Math.Max(BytesMax, 2L * shortened.Length);
                return;
            }

            file.Write(Line(line));
            if (durable)
            {
                file.Flush(flushToDisk: true);
            }
        }
    }

    /// <summary>All whole lines, oldest first; none where there is no file. Of a write that was cut short nothing is seen.</summary>
    internal IReadOnlyList<T> Read()
    {
        var lines = new List<T>();
        foreach (var line in File.Exists(path) ? File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            try
            {
                lines.Add(JsonSerializer.Deserialize<T>(line, DispatchJson.Options)!);
            }
            catch (JsonException)
            {
                // The disk was full, or the machine stopped, in the middle of this line.
            }
        }

        return lines;
    }

    /// <summary>Begins with a line's end: what an earlier write left of its line stays apart.</summary>
    private static byte[] Line(T line) => [.. "\n"u8, .. JsonSerializer.SerializeToUtf8Bytes(line, DispatchJson.Options), .. "\n"u8];
}
