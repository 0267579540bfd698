namespace Dispatch.Workers.Keeper;

/// <summary>One thing that is tried until it is done, one try at a time, with pauses that double after failures.</summary>
/// <param name="IsDone">Whether nothing is left to do.</param>
/// <param name="InFlight">Whether a try is under way.</param>
/// <param name="DueAt">When the next try may begin, on the boot clock.</param>
/// <param name="Failures">Tries that failed in a row.</param>
/// <param name="Repeat">Whether it is to be done once more after the try under way: that one may have come too early.</param>
internal readonly record struct Chore(bool IsDone, bool InFlight, TimeSpan DueAt, int Failures, bool Repeat = false)
{
    /// <summary>The pause after the first failure.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>No pause is longer.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private const int DoublingsMax = 5;

    internal static Chore Nothing { get; } = new(IsDone: true, false, default, 0);

    internal bool IsDue(TimeSpan now) => !IsDone && !InFlight && now >= DueAt;

    internal Chore Begun() => this with { InFlight = true };

    internal Chore Finished() => Repeat ? Anew(DueAt) : this with { IsDone = true, InFlight = false };

    /// <summary>Makes sure that it is tried once more from now on, where it was to be done at all.</summary>
    internal Chore Again(TimeSpan now) => this == Nothing ? this : InFlight ? this with { Repeat = true, DueAt = now } : Anew(now);

    internal Chore Failed(TimeSpan now)
    {
        var pause = FirstPause * (1 << Math.Min(Failures, DoublingsMax));
        return this with { InFlight = false, Repeat = false, Failures = Failures + 1, DueAt = now + (pause < LongestPause ? pause : LongestPause) };
    }

    /// <summary>To be done again, from now.</summary>
    internal static Chore Anew(TimeSpan now) => new(false, false, now, 0);
}
