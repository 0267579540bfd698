namespace Dispatch.Workers;

/// <summary>Keeps a line from filling the log: it is said at once, and then at most once in a period however often its reason comes.</summary>
/// <param name="clock">The clock.</param>
internal sealed class SaidSeldom(TimeProvider clock)
{
    /// <summary>The period.</summary>
    internal static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly Lock sync = new();
    private long? saidAt;

    /// <summary>Whether the line may be said now; it counts as said then.</summary>
    internal bool MaySay()
    {
        lock (sync)
        {
            if (saidAt is { } last && clock.GetElapsedTime(last) < Every)
            {
                return false;
            }

            saidAt = clock.GetTimestamp();
            return true;
        }
    }
}
