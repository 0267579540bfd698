namespace Dispatch.Simulation.Time;

/// <summary>All chance of a run, from one seed: the same on every machine and with every version of the platform.</summary>
internal sealed class Chance(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Happens(double share) => Share() < share;

    /// <summary>From <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Whole(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    public TimeSpan Span(double leastSeconds, double mostSeconds) => TimeSpan.FromTicks((long)((leastSeconds + (Share() * (mostSeconds - leastSeconds))) * TimeSpan.TicksPerSecond));

    public T Of<T>(IReadOnlyList<T> all) => all[Whole(0, all.Count - 1)];
}
