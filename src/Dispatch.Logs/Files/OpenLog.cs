using Dispatch.Contracts.Logs;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Logs.Files;

/// <summary>One log in use. One writer at a time, behind the gate; readers take the state as it stands and open files of their own.</summary>
internal sealed class OpenLog : IDisposable
{
    private readonly LogStoreOptions _options;
    private readonly Lock _folders;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);

    // Owned by whoever holds the gate.
    private readonly (SafeFileHandle File, long Start)?[] _dataFiles = new (SafeFileHandle, long)?[2];
    private (SafeFileHandle File, int Number)? _indexFile;
    private bool _opened;
    private bool _hasFolder;

    // Swapped by whoever holds the gate, read by anybody.
    private volatile LogState _state = LogState.Empty;
    private volatile TaskCompletionSource _changed = NewSignal();

    public OpenLog(LogKey key, LogStoreOptions options, Lock folders, TimeProvider time)
    {
        (Key, _options, _folders, _time) = (key, options, folders, time);
        Folder = LogFolders.Of(options.Root, key);
    }

    public LogKey Key { get; }

    public string Folder { get; }

    /// <summary>How many calls use it; owned by the store's lock.</summary>
    public int Users { get; set; }

    public LogState State => _state;

    /// <summary>Ends at the next change; take it before the state, or a change between the two is missed.</summary>
    public Task Changed => _changed.Task;

    private long SegmentBytes => Math.Clamp(_options.BytesPerStreamMax / 8, 1, 16L << 20);

    private int SegmentEntries => Math.Clamp(_options.EntriesMax / 8, 1, 65_536);

    /// <summary>Reads what the folder has, once.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            EnsureOpened();
        }
        catch (Exception failed) when (IsOfTheDisk(failed))
        {
            throw new LogStoreException($"The log in {Folder} cannot be opened: {failed.Message} Mend the disk or the folder's permissions.", failed);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<LogAppended> AppendAsync(IReadOnlyList<LogPiece> pieces, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            EnsureOpened();
            return Append(pieces);
        }
        catch (Exception failed) when (IsOfTheDisk(failed))
        {
            throw new LogStoreException($"The log in {Folder} cannot be written: {failed.Message} Make room or mend the disk; the bytes can be sent again.", failed);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            EnsureOpened();
            if (_state.Complete)
                return;
            EnsureFolder();
            foreach (var path in Directory.EnumerateFiles(Folder))
            {
                using var file = SegmentFiles.OpenToWrite(path);
                RandomAccess.FlushToDisk(file);
            }

            LogFolders.MarkComplete(Folder);
            Publish(_state with { Complete = true });
        }
        catch (Exception failed) when (IsOfTheDisk(failed))
        {
            throw new LogStoreException($"The log in {Folder} cannot be completed: {failed.Message} Make room or mend the disk, and complete it again.", failed);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the files; nobody uses the log any more.</summary>
    public void Dispose()
    {
        foreach (var file in _dataFiles)
            file?.File.Dispose();
        _indexFile?.File.Dispose();
        _gate.Dispose();
    }

    private static bool IsOfTheDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void EnsureOpened()
    {
        if (_opened)
            return;
        if (Directory.Exists(Folder))
        {
            if (LogFolders.Identify(Folder) is null)
                CreateFolder();
            _hasFolder = true;
            var state = LogRecovery.Open(Folder, out var covered, out var mended);
            _state = mended.Count == 0 ? state : WriteEntries(state, covered, mended);
        }

        _opened = true;
    }

    private void EnsureFolder()
    {
        if (_hasFolder)
            return;
        CreateFolder();
        _hasFolder = true;
    }

    private void CreateFolder()
    {
        lock (_folders)
            LogFolders.Create(Folder, new(Key.Job, Key.Conversation, Key.Attempt, _time.GetUtcNow()));
    }

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
