namespace Dispatch.Benchmarks.Measuring;

/// <summary>Durations that were measured, milliseconds.</summary>
internal sealed class Samples
{
    private readonly Lock _gate = new();
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public void Add(double milliseconds)
    {
        lock (_gate)
            _values.Add(milliseconds);
    }

    /// <summary>How much more each was than the other series' of the same turn.</summary>
    public Samples Over(Samples other)
    {
        var over = new Samples();
        lock (_gate)
            over._values.AddRange(_values.Zip(other._values, (mine, theirs) => mine - theirs));
        return over;
    }

    /// <summary>The value below which the given share lies (nearest rank).</summary>
    public double Percentile(double share)
    {
        lock (_gate)
        {
            if (_values.Count == 0)
                throw new BenchmarkException("Nothing was measured where a percentile is asked for.");
            var sorted = _values.Order().ToArray();
            return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
        }
    }

    public double P50 => Percentile(0.50);

    public double P95 => Percentile(0.95);
}
