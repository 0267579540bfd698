using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Guard;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers.Attempts;

/// <summary>The worker's data directory: its lock, its id, the attempts it has, logs not yet shipped, reports that came too late.</summary>
internal sealed class WorkerFolder : IDisposable
{
    /// <summary>Late reports kept; the oldest goes first.</summary>
    internal const int LateReportsMax = 200;

    /// <summary>Logs of finished attempts kept while the log store is away; the oldest goes first.</summary>
    internal const int UnshippedLogsMax = 1000;

    private const string KeyFile = "key.json";

    private const string IncarnationName = "incarnation.json";

    /// <summary>EWOULDBLOCK of Linux: another process has the lock.</summary>
    private const int WouldBlock = 11;

    private readonly FileStream ownership;

    private readonly WorkerId worker;

    private WorkerFolder(string path, FileStream ownership, WorkerId worker, string id)
    {
        FullPath = path;
        Id = id;
        this.ownership = ownership;
        this.worker = worker;
    }

    internal string FullPath { get; }

    /// <summary>The directory's own id, made once.</summary>
    internal string Id { get; }

    private string Attempts => Path.Combine(FullPath, PermissionFile.AttemptsFolder);

    private string Unshipped => Path.Combine(FullPath, "logs");

    private string Late => Path.Combine(FullPath, "late");

    private string RuntimesFile => Path.Combine(FullPath, "runtimes.json");

    private string IncarnationFile => Path.Combine(FullPath, IncarnationName);

    /// <summary>Takes the directory for this process alone.</summary>
    /// <param name="path">The directory; it is made where there is none.</param>
    /// <param name="worker">The worker: a directory is for good that of the first worker that registered with it.</param>
    /// <param name="newId">The id where it has none yet.</param>
    /// <exception cref="WorkerStartException">It is another worker's, another process has it, or it cannot be written.</exception>
    internal static WorkerFolder Take(string path, WorkerId worker, Func<string> newId)
    {
        path = Path.GetFullPath(path);
        FileStream? ownership = null;
        try
        {
            foreach (var folder in new[] { path, Path.Combine(path, PermissionFile.AttemptsFolder), Path.Combine(path, "logs"), Path.Combine(path, "late") })
            {
                Directory.CreateDirectory(folder);
            }

            ownership = Own(path);
            var idFile = Path.Combine(path, "id");
            if (!File.Exists(idFile))
            {
                DurableFile.Write(idFile, System.Text.Encoding.ASCII.GetBytes(newId()), durable: true);
            }

            var taken = new WorkerFolder(path, ownership, worker, File.ReadAllText(idFile).Trim());
            if (taken.ReadNote()?.Worker is { } owner && owner != worker)
            {
                throw new WorkerStartException(
                    $"The data directory {path} belongs to worker {owner}, whose jobs would end: give {worker} another with --data, also where it is {owner} renamed, or start {owner} with --id {owner}.");
            }

            return taken;
        }
        catch (WorkerStartException)
        {
            ownership?.Dispose();
            throw;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            ownership?.Dispose();
            throw new WorkerStartException(
                $"The data directory {path} cannot be used: {refused.Message} Make it writable, or name another directory with --data.", refused);
        }
    }

    /// <summary>The last incarnation this directory knows, 0 at first.</summary>
    internal long ReadIncarnation() => ReadNote()?.Incarnation ?? 0;

    /// <summary>The worker has registered: from now on the directory is its own.</summary>
    internal void WriteIncarnation(long incarnation) => DurableFile.WriteJson(IncarnationFile, new IncarnationNote(incarnation, worker), durable: true);

    /// <summary>The runtimes that answered this directory's worker last; none where that cannot be read.</summary>
    internal IReadOnlyList<KnownRuntime> ReadRuntimes()
    {
        try
        {
            return DurableFile.ReadJson<IReadOnlyList<KnownRuntime>>(RuntimesFile) ?? [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            // A worker without it asks the runtimes, as at its first start.
            return [];
        }
    }

    /// <summary>Writes down the runtimes that have answered.</summary>
    internal void WriteRuntimes(IReadOnlyList<KnownRuntime> runtimes) => DurableFile.WriteJson(RuntimesFile, runtimes, durable: false);

    /// <summary>The folder of an attempt, whether it is there or not.</summary>
    internal AttemptFolder Attempt(LeaseId lease) => new(Path.Combine(Attempts, AttemptFolder.NameOf(lease)));

    /// <summary>All attempts that are there.</summary>
    internal IReadOnlyList<AttemptFolder> ReadAttempts() => [.. Directory.EnumerateDirectories(Attempts).Order(StringComparer.Ordinal).Select(path => new AttemptFolder(path))];

    /// <summary>Removes what an attempt leaves; output that is not shipped yet goes aside, a late report is kept.</summary>
    internal void Forget(AttemptFolder attempt, LeaseId lease, LogKey key, bool shipped, AttemptReport? late)
    {
        if (late is not null)
        {
            DurableFile.WriteJson(Path.Combine(Late, AttemptFolder.NameOf(lease) + ".json"), late, durable: false);
            KeepNewest(Directory.GetFiles(Late), LateReportsMax, File.Delete);
        }

        if (!shipped && Directory.Exists(attempt.LogFolder))
        {
            var aside = Path.Combine(Unshipped, AttemptFolder.NameOf(lease));
            TreeRemover.Remove(aside);
            DurableFile.WriteJson(Path.Combine(attempt.LogFolder, KeyFile), key, durable: false);
            Directory.Move(attempt.LogFolder, aside);
            KeepNewest(Directory.GetDirectories(Unshipped), UnshippedLogsMax, TreeRemover.Remove);
        }

        TreeRemover.Remove(attempt.FullPath);
    }

    /// <summary>Logs of finished attempts that are still to be shipped, oldest first.</summary>
    internal IReadOnlyList<(LogKey Key, string Folder)> ReadUnshipped() =>
    [
        .. Directory.GetDirectories(Unshipped)
            .OrderBy(Directory.GetLastWriteTimeUtc)
            .Select(folder => (Key: DurableFile.ReadJson<LogKey>(Path.Combine(folder, KeyFile)), Folder: folder))
            .Where(log => log.Key is not null)
            .Select(log => (log.Key!, log.Folder)),
    ];

    /// <inheritdoc/>
    public void Dispose() => ownership.Dispose();

    /// <summary>Holds the directory's lock, as long as the file is open.</summary>
    private static FileStream Own(string path)
    {
        try
        {
            return new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (held.HResult == WouldBlock)
        {
            var holder = DurableFile.ReadJson<IncarnationNote>(Path.Combine(path, IncarnationName))?.Worker is { } other ? $"worker {other}" : "another worker";
            throw new WorkerStartException($"The data directory {path} is in use by {holder}, in another process: end that process, or name another directory with --data.", held);
        }
    }

    private static void KeepNewest(string[] entries, int most, Action<string> remove)
    {
        if (entries.Length <= most)
        {
            return;
        }

        foreach (var old in entries.OrderBy(Directory.GetLastWriteTimeUtc).Take(entries.Length - most))
        {
            remove(old);
        }
    }

    private IncarnationNote? ReadNote() => DurableFile.ReadJson<IncarnationNote>(IncarnationFile);

    /// <summary>What the last registration left here; what older versions left names no worker.</summary>
    private sealed record IncarnationNote(long Incarnation, WorkerId? Worker);
}
