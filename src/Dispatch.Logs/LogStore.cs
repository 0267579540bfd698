using System.Runtime.CompilerServices;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Logs.Files;
using Dispatch.Logs.Retention;

namespace Dispatch.Logs;

/// <summary>Keeps logs as files: raw bytes per stream, and a small index that gives their order and times. One instance owns a root, unless it is told that others share it.</summary>
public sealed class LogStore : ILogStore, IDisposable
{
    private const string DoomedSuffix = ".deleted";

    /// <summary>What a file takes on the disk is a multiple of this, on the usual file systems.</summary>
    private const long DiskBlock = 4096;

    private readonly LogStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly FolderLocks _locks;

    // Guards the two collections, and the making and removing of folders. Never held over an await or a write of bytes.
    private readonly Lock _lock = new();
    private readonly Dictionary<LogKey, OpenLog> _logs = [];
    private readonly LinkedList<OpenLog> _idle = [];
    private readonly SemaphoreSlim _sweeping = new(1, 1);
    private bool _disposed;

    /// <summary>Opens the store.</summary>
    /// <param name="options">Where and how much; checked here.</param>
    /// <param name="time">The clock of retention.</param>
    public LogStore(LogStoreOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time) = (options.Validated(), time);
        _locks = new FolderLocks(options.Root, options.Shared);
        Directory.CreateDirectory(options.Root);
    }

    /// <inheritdoc/>
    public async Task<LogPositions> GetPositionsAsync(LogKey key, CancellationToken cancellationToken)
    {
        using var use = await UseAsync(key, cancellationToken).ConfigureAwait(false);
        return use.Log.State.Positions;
    }

    /// <inheritdoc/>
    public async Task<LogAppended> AppendAsync(LogKey key, IReadOnlyList<LogPiece> pieces, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        foreach (var piece in pieces)
        {
            if (piece.Offset < 0 || piece.Bytes.Length > LogPiece.BytesMax || !Enum.IsDefined(piece.Stream))
                throw new ArgumentException($"A piece has stdout or stderr, an offset from 0 and at most {LogPiece.BytesMax} bytes, not {piece.Stream}, {piece.Offset}, {piece.Bytes.Length}.", nameof(pieces));
        }

        using var use = await UseAsync(key, cancellationToken).ConfigureAwait(false);
        return await use.Log.AppendAsync(pieces, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(LogKey key, CancellationToken cancellationToken)
    {
        using var use = await UseAsync(key, cancellationToken).ConfigureAwait(false);
        await use.Log.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<LogSlice> ReadAsync(LogKey key, OutputStream stream, long offset, int bytesMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        CheckBytesMax(bytesMax);
        using var use = await UseAsync(key, cancellationToken).ConfigureAwait(false);
        return LogReads.Read(use.Log, stream, offset, bytesMax);
    }

    /// <inheritdoc/>
    public async Task<LogSlice> TailAsync(LogKey key, OutputStream stream, int bytesMax = ILogStore.TailBytes, CancellationToken cancellationToken = default)
    {
        CheckBytesMax(bytesMax);
        using var use = await UseAsync(key, cancellationToken).ConfigureAwait(false);
        return LogReads.Tail(use.Log, stream, bytesMax);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogPiece> FollowAsync(LogKey key, LogCursor from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var use = await UseAsync(key, cancellationToken).ConfigureAwait(false);
        await foreach (var piece in LogReads.FollowAsync(use.Log, from, cancellationToken).ConfigureAwait(false))
            yield return piece;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogSummary>> ListAsync(JobId job, CancellationToken cancellationToken)
    {
        var found = new List<LogSummary>();
        foreach (var identity in IdentitiesOf(job))
            found.Add(new(identity.Key, identity.CreatedAt, await GetPositionsAsync(identity.Key, cancellationToken).ConfigureAwait(false)));

        return [.. found
            .GroupBy(summary => summary.Key.Conversation)
            .OrderBy(conversation => conversation.Min(summary => summary.CreatedAt))
            .SelectMany(conversation => conversation.OrderBy(summary => summary.Key.Attempt))];
    }

    /// <summary>Applies retention: removes logs that are old enough and that nobody uses at the moment.</summary>
    /// <param name="cancellationToken">Ends the sweep between two logs.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await _sweeping.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Sweep(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sweeping.Release();
        }
    }

    /// <summary>Closes all files. Calls under way must have ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var log in _logs.Values)
                log.Dispose();
            _logs.Clear();
            _idle.Clear();
        }

        _sweeping.Dispose();
    }

    private int Sweep(CancellationToken cancellationToken)
    {
        var removed = 0;
        if (!_locks.TryTakeSweep(out var sweep))
            return removed;
        using var held = sweep;
        var now = _time.GetUtcNow();
        var kept = Directory.GetDirectories(_options.Root).SelectMany(job => new DirectoryInfo(job).EnumerateDirectories())
            .Where(folder => IsDoomed(folder.FullName) || LogRetention.MayChoose(folder.LastWriteTimeUtc, now, _options))
            .Select(folder => Facts(folder.FullName)).ToList();
        foreach (var folder in LogRetention.Choose(kept, now, _options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            removed += TryRemove(folder) ? 1 : 0;
        }

        return removed;
    }

    private List<LogIdentity> IdentitiesOf(JobId job)
    {
        var folder = LogFolders.OfJob(_options.Root, job);
        lock (_lock)
        {
            return !Directory.Exists(folder)
                ? []
                : [.. Directory.EnumerateDirectories(folder).Where(attempt => !IsDoomed(attempt)).Select(LogFolders.Identify).OfType<LogIdentity>().Where(identity => identity.Job == job)];
        }
    }

    private static bool IsDoomed(string folder) => folder.EndsWith(DoomedSuffix, StringComparison.Ordinal);

    private static void CheckBytesMax(int bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytesMax, LogPiece.BytesMax);
    }

    private static LogFolderFacts Facts(string folder)
    {
        var files = new DirectoryInfo(folder).GetFiles();
        return new(
            folder,
            LogFolders.CompletedAt(folder) is not null || IsDoomed(folder),
            files.Select(file => file.LastWriteTimeUtc).Append(DateTime.UnixEpoch).Max(),
            files.Sum(file => (file.Length + DiskBlock - 1) / DiskBlock * DiskBlock));
    }

    private async Task<LogUse> UseAsync(LogKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Attempt, 1, nameof(key));
        var use = new LogUse(this, Take(key));
        try
        {
            await use.Log.OpenAsync(cancellationToken).ConfigureAwait(false);
            return use;
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    private OpenLog Take(LogKey key)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_logs.TryGetValue(key, out var log))
                _logs[key] = log = new OpenLog(key, _options, _lock, _locks, _time);
            if (log.Users++ == 0)
                _idle.Remove(log);
            return log;
        }
    }

    private void GiveBack(OpenLog log)
    {
        lock (_lock)
        {
            if (--log.Users > 0 || _disposed)
                return;
            _idle.AddLast(log);
            while (_idle.Count > _options.IdleLogsMax)
                Close(_idle.First!.Value);
        }
    }

    private void Close(OpenLog idle)
    {
        _idle.Remove(idle);
        _logs.Remove(idle.Key);
        idle.Dispose();
    }

    /// <summary>Renames first, so that whoever comes now begins a new log; then deletes at leisure.</summary>
    private bool TryRemove(string folder)
    {
        var doomed = folder;
        if (!IsDoomed(folder))
        {
            doomed = folder + DoomedSuffix;
            if (!_locks.TryTake(folder, out var taken))
                return false;
            using var held = taken;
            lock (_lock)
            {
                if (LogFolders.Identify(folder) is { } identity && _logs.TryGetValue(identity.Key, out var log))
                {
                    if (log.Users > 0)
                        return false;
                    Close(log);
                }

                if (Directory.Exists(doomed))
                    Directory.Delete(doomed, recursive: true);
                Directory.Move(folder, doomed);
            }
        }

        Directory.Delete(doomed, recursive: true);
        RemoveWhereEmpty(Path.GetDirectoryName(folder)!);
        return true;
    }

    private void RemoveWhereEmpty(string folder)
    {
        lock (_lock)
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
    }

    /// <summary>Keeps a log open while a call uses it.</summary>
    private sealed class LogUse(LogStore store, OpenLog log) : IDisposable
    {
        public OpenLog Log { get; } = log;

        public void Dispose() => store.GiveBack(Log);
    }
}
