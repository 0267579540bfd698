namespace Dispatch.Registry;

/// <summary>A registry that does not answer, as one loop meets it: told when it begins and when it is over, not each time. Owned by that loop.</summary>
/// <param name="time">The monotonic clock.</param>
internal sealed class Outage(TimeProvider time)
{
    private long? began;

    /// <summary>The registry did not answer.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Begins()
    {
        if (began is not null) return false;
        began = time.GetTimestamp();
        return true;
    }

    /// <summary>The registry answered.</summary>
    /// <returns>How long it had not; null where it always had.</returns>
    public TimeSpan? Ends()
    {
        if (began is not { } then) return null;
        began = null;
        return time.GetElapsedTime(then);
    }
}
