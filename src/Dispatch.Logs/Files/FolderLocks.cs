namespace Dispatch.Logs.Files;

/// <summary>
/// Lets several servers write below one root: whoever opens, appends to, completes or removes a log holds one of a fixed number of lock files, by flock(2). The kernel lets
/// go of it when its holder dies. A store that has its root to itself locks nothing.
/// </summary>
internal sealed class FolderLocks(string root, bool shared)
{
    /// <summary>Lock files of a root; logs that fall on the same one wait for each other, never for long.</summary>
    private const int Stripes = 64;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Whether others write below the root.</summary>
    public bool Shared => shared;

    /// <summary>Takes the lock of a log's folder.</summary>
    /// <returns>Lets go when disposed; null where nothing is to be locked.</returns>
    public async Task<IDisposable?> TakeAsync(string folder, CancellationToken cancellationToken)
    {
        if (!shared)
            return null;
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TryTake(PathOf(folder)) is { } held)
                return held;
            if (TimeProvider.System.GetElapsedTime(began) > Within)
                throw new IOException($"another server has held {PathOf(folder)} for {Within.TotalSeconds:0} s.");
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock of a log's folder where it is free.</summary>
    /// <returns>Whether it was, and what lets go of it when disposed.</returns>
    public bool TryTake(string folder, out IDisposable? held)
    {
        held = shared ? TryTake(PathOf(folder)) : null;
        return !shared || held is not null;
    }

    /// <summary>Takes the lock of the sweep, which one server at a time does.</summary>
    /// <returns>Whether it was free, and what lets go of it when disposed.</returns>
    public bool TryTakeSweep(out IDisposable? held)
    {
        held = shared ? TryTake(Path.Combine(root, "lock-sweep")) : null;
        return !shared || held is not null;
    }

    private static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException held) when (held is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            return null;
        }
    }

    private string PathOf(string folder)
    {
        var hash = 2_166_136_261u;
        foreach (var c in Path.GetRelativePath(root, folder))
            hash = (hash ^ c) * 16_777_619u;
        return Path.Combine(root, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"lock-{hash % Stripes:D2}"));
    }
}
