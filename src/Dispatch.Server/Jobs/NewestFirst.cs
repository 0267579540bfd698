using System.Globalization;

namespace Dispatch.Server.Jobs;

/// <summary>
/// Lists runs by their start, newest first. Temporal lists open runs first and then closed ones by their end, and many of its stores take no other order: so what
/// started within a time is asked for as a whole, and the time is made as long as a page needs.
/// </summary>
/// <typeparam name="T">A listed run.</typeparam>
/// <param name="list">Lists at most so many of a query; says whether there are more.</param>
/// <param name="startOf">A run's start.</param>
/// <param name="runOf">A run's id.</param>
internal sealed class NewestFirst<T>(Func<string, int, Task<(IReadOnlyList<T> Runs, bool More)>> list, Func<T, DateTimeOffset> startOf, Func<T, string> runOf)
{
    /// <summary>Most runs on a page.</summary>
    public const int PageMax = 1000;

    private const int AtOnceLeast = 100;
    private const int WindowsMax = 60;
    private static readonly TimeSpan FirstWindow = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(3650);

    /// <summary>A page.</summary>
    /// <param name="query">What is listed.</param>
    /// <param name="limit">Most runs, 1 to <see cref="PageMax"/>.</param>
    /// <param name="after">Where the last page ended; null begins.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The runs, and where the next page begins; null where there is none.</returns>
    public async Task<(IReadOnlyList<T> Runs, JobCursor? Next)> PageAsync(string query, int limit, JobCursor? after, DateTimeOffset now)
    {
        // Stores keep finer times than we are told.
        if (after is not null)
            query = $"{query} AND StartTime <= '{Text(after.StartedAt + TimeSpan.FromMicroseconds(1))}'";
        var atOnce = Math.Clamp(limit * 4, AtOnceLeast, PageMax);
        var (found, more) = await list(query, atOnce).ConfigureAwait(false);
        if (more)
            found = await WindowAsync(query, limit + (after?.Shown.Count ?? 0) + 1, after?.StartedAt ?? now, found, atOnce).ConfigureAwait(false);
        var ordered = found.Where(run => after is null || startOf(run) < after.StartedAt || (startOf(run) == after.StartedAt && !after.Shown.Contains(runOf(run))))
            .OrderByDescending(startOf).ThenBy(runOf, StringComparer.Ordinal).ToList();
        var page = ordered.Take(limit).ToList();
        return (page, page.Count == 0 || (ordered.Count == page.Count && !more) ? null : After(page, after));
    }

    /// <summary>Finds a time, from the end backwards, in which enough runs started and not too many to be listed as a whole.</summary>
    private async Task<IReadOnlyList<T>> WindowAsync(string query, int enough, DateTimeOffset end, IReadOnlyList<T> fallback, int atOnce)
    {
        var (tooShort, tooLong, window) = (TimeSpan.Zero, LongestWindow, FirstWindow);
        for (var tries = 0; tries < WindowsMax; tries++)
        {
            var (found, more) = await list($"{query} AND StartTime >= '{Text(end - window)}'", atOnce).ConfigureAwait(false);
            if (!more && (found.Count >= enough || window >= LongestWindow))
                return found;
            if (more)
                (tooLong, fallback) = (window, found);
            else
                tooShort = window;
            if (tooLong - tooShort < TimeSpan.FromMilliseconds(1))
                break;
            window = tooLong == LongestWindow ? Shorter(window * 8, LongestWindow) : tooShort + ((tooLong - tooShort) / 2);
        }

        // More started within a millisecond than can be listed at once: those that Temporal names first.
        return fallback;
    }

    private JobCursor After(List<T> page, JobCursor? before)
    {
        var last = startOf(page[^1]);
        var shown = page.Where(run => startOf(run) == last).Select(runOf);
        return new(last, before?.StartedAt == last ? [.. before.Shown, .. shown] : [.. shown]);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
