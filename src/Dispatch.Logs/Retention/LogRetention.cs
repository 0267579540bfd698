namespace Dispatch.Logs.Retention;

/// <summary>What retention needs to know of a log.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Complete">Whether it was completed.</param>
/// <param name="LastWrite">When its newest file was written, UTC.</param>
internal sealed record LogFolderFacts(string Folder, bool Complete, DateTimeOffset LastWrite);

/// <summary>Decides which logs go.</summary>
internal static class LogRetention
{
    /// <summary>Complete ones after <see cref="LogStoreOptions.Retention"/>, others after <see cref="LogStoreOptions.AbandonedRetention"/> without a write.</summary>
    public static IReadOnlyList<string> Choose(IEnumerable<LogFolderFacts> logs, DateTimeOffset now, LogStoreOptions options) =>
        [.. logs.Where(log => now - log.LastWrite > (log.Complete ? options.Retention : options.AbandonedRetention)).Select(log => log.Folder)];
}
