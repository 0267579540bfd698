using Dispatch.Contracts.Logs;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Logs.Files;

/// <summary>One log in use. One writer at a time, behind the gate; readers take the state as it stands and open files of their own.</summary>
internal sealed partial class OpenLog : IDisposable
{
    /// <summary>How often a follower looks whether another server has written.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly LogStoreOptions _options;
    private readonly Lock _folders;
    private readonly FolderLocks _locks;
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

    public OpenLog(LogKey key, LogStoreOptions options, Lock folders, FolderLocks locks, TimeProvider time)
    {
        (Key, _options, _folders, _locks, _time) = (key, options, folders, locks, time);
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

    /// <summary>Reads what the folder has: once, or again where another server has changed it.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsUpToDate())
                return;
            using var held = await _locks.TakeAsync(Folder, cancellationToken).ConfigureAwait(false);
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
            using var held = await _locks.TakeAsync(Folder, cancellationToken).ConfigureAwait(false);
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
            using var held = await _locks.TakeAsync(Folder, cancellationToken).ConfigureAwait(false);
            EnsureOpened();
            if (_state.Complete)
                return;
            if (_hasFolder)
            {
                MarkComplete();
            }
            else
            {
                CreateFolder(complete: true);
            }

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

    /// <summary>Waits until there may be something new: a change of our own is told, one of another server is looked for.</summary>
    /// <param name="changed"><see cref="Changed"/>, as it was before the state that was read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ChangeAsync(Task changed, CancellationToken cancellationToken)
    {
        while (_locks.Shared && !changed.IsCompleted)
        {
            await Task.WhenAny(changed, Task.Delay(LookEvery, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the files; nobody uses the log any more.</summary>
    public void Dispose()
    {
        CloseFiles();
        _gate.Dispose();
    }

    private static bool IsOfTheDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool IsUpToDate() => _opened && (!_locks.Shared || (_hasFolder ? LogFolders.IsAsSeen(Folder, _state) : !Directory.Exists(Folder)));

    private void EnsureOpened()
    {
        if (IsUpToDate())
            return;
        CloseFiles();
        _hasFolder = Directory.Exists(Folder);
        var state = LogState.Empty;
        if (_hasFolder)
        {
            if (LogFolders.Identify(Folder) is null)
                CreateFolder(complete: false);
            state = LogRecovery.Open(Folder, out var covered, out var mended);
            if (mended.Count > 0)
                state = WriteEntries(state, covered, mended);
        }

        _opened = true;
        Publish(state);
    }

    private void CloseFiles()
    {
        for (var i = 0; i < _dataFiles.Length; i++)
        {
            _dataFiles[i]?.File.Dispose();
            _dataFiles[i] = null;
        }

        _indexFile?.File.Dispose();
        _indexFile = null;
    }

    private void MarkComplete()
    {
        // A log without a byte has nothing that a power cut could take.
        var hasBytes = !_state.Index.IsEmpty;
        foreach (var path in hasBytes ? Directory.EnumerateFiles(Folder) : [])
        {
            using var file = SegmentFiles.OpenToWrite(path);
            RandomAccess.FlushToDisk(file);
        }

        LogFolders.MarkComplete(Folder, durable: hasBytes);
    }

    private void EnsureFolder()
    {
        if (!_hasFolder)
            CreateFolder(complete: false);
    }

    private void CreateFolder(bool complete)
    {
        lock (_folders)
            LogFolders.Create(Folder, new(Key.Job, Key.Conversation, Key.Attempt, _time.GetUtcNow()), complete);
        _hasFolder = true;
    }
}
