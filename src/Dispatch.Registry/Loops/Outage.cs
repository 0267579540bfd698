namespace Dispatch.Registry.Loops;

/// <summary>What keeps one loop from its work, told when it begins, once for each kind of it, and when it is over; not each time. Owned by that loop.</summary>
/// <param name="time">The monotonic clock.</param>
internal sealed class Outage(TimeProvider time)
{
    /// <summary>An outage of a kind that was told less than this ago is told only once it has lasted so long: a loop that stumbles each second says so each minute.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> toldAt = new(StringComparer.Ordinal);
    private readonly HashSet<string> toldNow = new(StringComparer.Ordinal);
    private long? began;

    /// <summary>The loop could not do its work.</summary>
    /// <param name="kind">What kept it: a code, or an exception's type; never a text with values.</param>
    /// <returns>Whether that is news.</returns>
    public bool Begins(string kind)
    {
        began ??= time.GetTimestamp();
        if (toldNow.Contains(kind) || (toldAt.TryGetValue(kind, out var at) && time.GetElapsedTime(at) < Again)) return false;
        toldAt[kind] = time.GetTimestamp();
        return toldNow.Add(kind);
    }

    /// <summary>The loop did its work.</summary>
    /// <returns>How long it could not; null where it always could, or it was not told that it could not.</returns>
    public TimeSpan? Ends()
    {
        if (began is not { } then) return null;
        began = null;
        if (toldNow.Count == 0) return null;
        toldNow.Clear();
        return time.GetElapsedTime(then);
    }
}
