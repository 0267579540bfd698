using Dispatch.Contracts.Logs;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Logs.Files;

/// <content>How bytes and their entries get into the files.</content>
internal sealed partial class OpenLog
{
    /// <summary>Bytes first, then their entries, then everybody may see them: what a crash leaves between is mended when the log is opened.</summary>
    private LogAppended Append(IReadOnlyList<LogPiece> pieces)
    {
        var state = _state;
        var covered = new LogCursor(state.Stdout.Length, state.Stderr.Length);
        var entries = new List<IndexEntry>(pieces.Count);
        var gap = false;
        foreach (var piece in pieces)
        {
            var length = state.Of(piece.Stream).Length;
            gap = piece.Offset > length;
            if (gap)
                break;
            if (piece.End <= length)
                continue;
            if (entries.Count == 0)
                EnsureFolder();
            var fresh = piece.Bytes[(int)(length - piece.Offset)..];
            state = WriteBytes(state, piece.Stream, fresh.Span);
            entries.Add(new(piece.Stream, fresh.Length, piece.Time));
        }

        if (entries.Count > 0)
        {
            // Readers must see that files are no longer meant before they find them gone.
            var dropped = new List<string>();
            Publish(WithoutOldest(WriteEntries(state, covered, entries), dropped));
            dropped.ForEach(File.Delete);
        }

        return new(_state.Positions, gap);
    }

    private LogState WriteBytes(LogState state, OutputStream stream, ReadOnlySpan<byte> bytes)
    {
        var segments = state.Of(stream);
        if (segments.Starts.IsEmpty || segments.Length - segments.Starts[^1] >= SegmentBytes)
            segments = segments with { Starts = segments.Starts.Add(segments.Length) };
        var start = segments.Starts[^1];
        RandomAccess.Write(DataFile(stream, start), bytes, segments.Length - start);
        return state.With(stream, segments with { Length = segments.Length + bytes.Length });
    }

    private LogState WriteEntries(LogState state, LogCursor covered, IReadOnlyList<IndexEntry> entries)
    {
        Span<byte> header = stackalloc byte[SegmentFiles.IndexHeaderSize];
        var index = state.Index.ToBuilder();
        var written = 0;
        while (written < entries.Count)
        {
            if (index.Count == 0 || index[^1].Entries >= SegmentEntries)
            {
                var segment = new IndexSegment(index.Count == 0 ? 1 : index[^1].Number + 1, covered, 0);
                SegmentFiles.WriteHeader(header, covered);
                RandomAccess.Write(IndexFile(segment.Number), header, 0);
                index.Add(segment);
            }

            var last = index[^1];
            var count = Math.Min(entries.Count - written, SegmentEntries - last.Entries);
            var bytes = new byte[count * IndexEntry.Size];
            for (var i = 0; i < count; i++)
            {
                var entry = entries[written + i];
                entry.Write(bytes.AsSpan(i * IndexEntry.Size));
                covered = covered.Plus(entry.Stream, entry.Length);
            }

            RandomAccess.Write(IndexFile(last.Number), bytes, SegmentFiles.IndexHeaderSize + ((long)last.Entries * IndexEntry.Size));
            index[^1] = last with { Entries = last.Entries + count };
            written += count;
        }

        return state with { Index = index.ToImmutable() };
    }

    /// <summary>Leaves out whole files whose bytes or entries are beyond what is surely kept, and what the other side has of them.</summary>
    private LogState WithoutOldest(LogState state, List<string> dropped)
    {
        state = WithoutOldest(state, OutputStream.Stdout, dropped);
        state = WithoutOldest(state, OutputStream.Stderr, dropped);
        var index = state.Index;
        var entries = index.Sum(segment => (long)segment.Entries);
        while (index.Length > 1 && (entries - index[0].Entries >= _options.EntriesMax || IsBelow(index[1].Start, state)))
        {
            entries -= index[0].Entries;
            dropped.Add(SegmentFiles.IndexPath(Folder, index[0].Number));
            index = index.RemoveAt(0);
        }

        return state with { Index = index };
    }

    private LogState WithoutOldest(LogState state, OutputStream stream, List<string> dropped)
    {
        var segments = state.Of(stream);
        var indexed = state.Index.IsEmpty ? 0 : state.Index[0].Start.Of(stream);
        while (segments.Starts.Length > 1 && (segments.Length - segments.Starts[1] >= _options.BytesPerStreamMax || segments.Starts[1] <= indexed))
        {
            dropped.Add(SegmentFiles.DataPath(Folder, stream, segments.Starts[0]));
            segments = segments with { Starts = segments.Starts.RemoveAt(0) };
        }

        return state.With(stream, segments);
    }

    private static bool IsBelow(LogCursor cursor, LogState state) => cursor.Stdout <= state.Stdout.First && cursor.Stderr <= state.Stderr.First;

    private void Publish(LogState state)
    {
        _state = state;
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private SafeFileHandle DataFile(OutputStream stream, long start)
    {
        ref var open = ref _dataFiles[(int)stream - 1];
        if (open is { } current && current.Start == start)
            return current.File;
        open?.File.Dispose();
        open = null;
        var file = SegmentFiles.OpenToWrite(SegmentFiles.DataPath(Folder, stream, start));
        open = (file, start);
        return file;
    }

    private SafeFileHandle IndexFile(int number)
    {
        if (_indexFile is { } current && current.Number == number)
            return current.File;
        _indexFile?.File.Dispose();
        _indexFile = null;
        var file = SegmentFiles.OpenToWrite(SegmentFiles.IndexPath(Folder, number));
        _indexFile = (file, number);
        return file;
    }
}
