using System.Runtime.CompilerServices;
using Dispatch.Contracts.Logs;

namespace Dispatch.Logs.Files;

/// <summary>Reads an open log. Takes no lock: a file that was dropped under a reader is found missing, and the reader looks at the newer state.</summary>
internal static class LogReads
{
    /// <summary>Bytes of one piece that a follower gets.</summary>
    public const int FollowedBytesMax = 64 << 10;

    private const int EntriesAtOnce = 1_024;

    /// <summary>Reads from an offset, or from the first byte kept; short only at the stream's end.</summary>
    public static LogSlice Read(OpenLog log, OutputStream stream, long offset, int bytesMax)
    {
        while (true)
        {
            var state = log.State;
            var extent = state.ExtentOf(stream);
            var from = Math.Clamp(offset, extent.First, extent.Length);
            var bytes = new byte[Math.Min(bytesMax, extent.Length - from)];
            if (TryFill(log.Folder, state.Of(stream), stream, from, bytes))
                return new(from, bytes, extent);
            ThrowWhereNothingChanged(log, state, $"bytes of {stream} from {from} on");
        }
    }

    /// <summary>The newest bytes.</summary>
    public static LogSlice Tail(OpenLog log, OutputStream stream, int bytesMax) =>
        Read(log, stream, Math.Max(0, log.State.ExtentOf(stream).Length - bytesMax), bytesMax);

    /// <summary>Replays by the index, then follows.</summary>
    public static async IAsyncEnumerable<LogPiece> FollowAsync(OpenLog log, LogCursor from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var place = default(IndexPlace?);
        var cursor = from;
        while (true)
        {
            var changed = log.Changed;
            var state = log.State;
            var moved = false;
            List<(IndexEntry, long)>? entries;
            while ((entries = NextEntries(log.Folder, state, ref place, cursor)) is { Count: > 0 })
            {
                moved = true;
                foreach (var (entry, start) in entries)
                {
                    while (TakePiece(log, entry, start, cursor) is { } piece)
                    {
                        cursor = cursor.After(piece);
                        yield return piece;
                        cancellationToken.ThrowIfCancellationRequested();
                    }
                }

                cancellationToken.ThrowIfCancellationRequested();
            }

            if (entries is null)
            {
                await log.OpenAsync(cancellationToken).ConfigureAwait(false);
                ThrowWhereNothingChanged(log, state, "its index");
            }
            else if (state.Complete && !moved)
                yield break;
            else if (!moved)
                await log.ChangeAsync(changed, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next part of an entry that the cursor has not passed; null when there is none left.</summary>
    private static LogPiece? TakePiece(OpenLog log, IndexEntry entry, long start, LogCursor cursor)
    {
        var end = start + entry.Length;
        var from = Math.Max(start, cursor.Of(entry.Stream));
        if (from >= end)
            return null;
        var slice = Read(log, entry.Stream, from, (int)Math.Min(FollowedBytesMax, end - from));
        if (slice.Offset >= end || slice.Bytes.IsEmpty)
            return null;
        var bytes = slice.Offset + slice.Bytes.Length > end ? slice.Bytes[..(int)(end - slice.Offset)] : slice.Bytes;
        return new(entry.Stream, slice.Offset, entry.Time, bytes);
    }

    /// <summary>Reads entries behind the place and moves it on; null where the file is not as the state says. A place that was dropped goes on at the oldest.</summary>
    private static List<(IndexEntry Entry, long Start)>? NextEntries(string folder, LogState state, ref IndexPlace? place, LogCursor cursor)
    {
        var found = new List<(IndexEntry, long)>();
        var at = place is { } known && !state.Index.IsEmpty && known.Number >= state.Index[0].Number ? known : FirstPlace(state, cursor);
        if (at is not { } current)
            return found;
        var segment = state.Index[current.Number - state.Index[0].Number];
        if (current.Entry == segment.Entries && current.Number < state.Index[^1].Number)
        {
            segment = state.Index[current.Number + 1 - state.Index[0].Number];
            current = new(segment.Number, 0, segment.Start);
        }

        using var file = SegmentFiles.TryOpenToRead(SegmentFiles.IndexPath(folder, current.Number));
        if (file is null)
            return null;
        var bytes = new byte[Math.Min(EntriesAtOnce, segment.Entries - current.Entry) * IndexEntry.Size];
        var read = SegmentFiles.ReadFully(file, bytes, SegmentFiles.IndexHeaderSize + ((long)current.Entry * IndexEntry.Size));
        for (var offset = 0; offset + IndexEntry.Size <= read && IndexEntry.TryRead(bytes.AsSpan(offset), out var entry); offset += IndexEntry.Size)
        {
            found.Add((entry, current.Position.Of(entry.Stream)));
            current = current.Behind(entry);
        }

        place = current;
        return found.Count * IndexEntry.Size == bytes.Length ? found : null;
    }

    /// <summary>The last file of the index that begins before everything the cursor wants, else the oldest.</summary>
    private static IndexPlace? FirstPlace(LogState state, LogCursor cursor)
    {
        for (var i = state.Index.Length - 1; i >= 0; i--)
        {
            var segment = state.Index[i];
            if (i == 0 || (segment.Start.Stdout <= cursor.Stdout && segment.Start.Stderr <= cursor.Stderr))
                return new(segment.Number, 0, segment.Start);
        }

        return null;
    }

    private static bool TryFill(string folder, StreamSegments segments, OutputStream stream, long from, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var index = segments.Containing(from);
            var part = (int)Math.Min(bytes.Length, segments.EndOf(index) - from);
            using var file = SegmentFiles.TryOpenToRead(SegmentFiles.DataPath(folder, stream, segments.Starts[index]));
            if (file is null || SegmentFiles.ReadFully(file, bytes[..part], from - segments.Starts[index]) < part)
                return false;
            bytes = bytes[part..];
            from += part;
        }

        return true;
    }

    /// <summary>A file that is missing although the state still has it was taken by somebody else.</summary>
    private static void ThrowWhereNothingChanged(OpenLog log, LogState seen, string lost)
    {
        if (ReferenceEquals(log.State, seen))
        {
            throw new LogStoreException(
                $"The log in {log.Folder} has lost {lost}: somebody else changed its files. What is left can be read after a restart of the store.",
                new IOException("a segment is missing or short"));
        }
    }

    /// <summary>Where a follower stands in the index.</summary>
    private readonly record struct IndexPlace(int Number, int Entry, LogCursor Position)
    {
        public IndexPlace Behind(IndexEntry entry) => new(Number, Entry + 1, Position.Plus(entry.Stream, entry.Length));
    }
}
