namespace Dispatch.Logs.Retention;

/// <summary>What retention needs to know of a log.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Complete">Whether it was completed.</param>
/// <param name="LastWrite">When its newest file was written, UTC.</param>
/// <param name="Bytes">What its files take on the disk, about.</param>
internal sealed record LogFolderFacts(string Folder, bool Complete, DateTimeOffset LastWrite, long Bytes);

/// <summary>Decides which logs go.</summary>
internal static class LogRetention
{
    /// <summary>
    /// Complete ones after <see cref="LogStoreOptions.Retention"/>, others after <see cref="LogStoreOptions.AbandonedRetention"/> without a write, those of forgotten jobs after
    /// <see cref="LogStoreOptions.ForgottenRetention"/>; and where the rest takes more than <see cref="LogStoreOptions.BytesMax"/>, its oldest that nobody writes any more.
    /// </summary>
    public static IReadOnlyList<string> Choose(IReadOnlyCollection<LogFolderFacts> logs, DateTimeOffset now, LogStoreOptions options)
    {
        var chosen = logs.Where(log => now - log.LastWrite > KeptFor(log, options)).ToList();
        var over = logs.Sum(log => log.Bytes) - chosen.Sum(log => log.Bytes) - (options.BytesMax ?? long.MaxValue);
        foreach (var log in logs.Except(chosen).Where(log => log.Complete || IsForgotten(log, options)).OrderBy(log => log.LastWrite).ToList())
        {
            if (over <= 0)
                break;
            chosen.Add(log);
            over -= log.Bytes;
        }

        return [.. chosen.Select(log => log.Folder)];
    }

    /// <summary>Whether a log may be among them: where not, its files need not be looked at, which is most of what a sweep costs.</summary>
    /// <param name="changed">When a file of its folder was last made or removed, UTC: never later than its last write.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="options">The options.</param>
    /// <returns>False where it is too young, and no limit of bytes asks for the size of all.</returns>
    public static bool MayChoose(DateTimeOffset changed, DateTimeOffset now, LogStoreOptions options)
    {
        var kept = options.Retention < options.AbandonedRetention ? options.Retention : options.AbandonedRetention;
        if (options.ForgottenBefore is not null && options.ForgottenRetention < kept)
            kept = options.ForgottenRetention;
        return options.BytesMax is not null || now - changed > kept;
    }

    private static TimeSpan KeptFor(LogFolderFacts log, LogStoreOptions options)
    {
        var kept = log.Complete ? options.Retention : options.AbandonedRetention;
        return IsForgotten(log, options) && options.ForgottenRetention < kept ? options.ForgottenRetention : kept;
    }

    private static bool IsForgotten(LogFolderFacts log, LogStoreOptions options) => log.LastWrite < options.ForgottenBefore;
}
