using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Workers;

namespace Dispatch.Routing;

/// <summary>One custom unit.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Milli">How much, thousandths.</param>
public readonly record struct UnitAmount(string Name, long Milli);

/// <summary>Capacity in whole numbers, so that sums are exact: what a job needs, what a worker has, what of it is free.</summary>
public sealed record Amounts
{
    /// <summary>Most that any amount can be; larger wishes are cut to it.</summary>
    public const long AmountMax = long.MaxValue / 1024;

    /// <summary>Nothing at all.</summary>
    public static Amounts None { get; } = new();

    /// <summary>Leases.</summary>
    public long Slots { get; init; }

    /// <summary>Thousandths of a core.</summary>
    public long CpuMilli { get; init; }

    /// <summary>Bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Whole devices.</summary>
    public long Gpu { get; init; }

    /// <summary>Bytes.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Custom units, by name in ordinal order, each once.</summary>
    public ImmutableArray<UnitAmount> Units { get; init; } = [];

    /// <summary>What one lease of a job takes: one slot and its resources, rounded up.</summary>
    /// <param name="resources">What the spec asks.</param>
    /// <param name="memoryBytes">The attempt's memory, bytes, where it is not the spec's.</param>
    /// <returns>The amounts.</returns>
    public static Amounts Of(Resources resources, long? memoryBytes = null)
    {
        ArgumentNullException.ThrowIfNull(resources);
        return new()
        {
            Slots = 1,
            CpuMilli = Milli(resources.Cpu, up: true),
            MemoryBytes = Cut(memoryBytes ?? resources.MemoryBytes),
            Gpu = resources.Gpu,
            DiskBytes = Cut(resources.DiskBytes ?? 0),
            Units = UnitsOf(resources.Units, up: true),
        };
    }

    /// <summary>What a worker has in all, rounded down; without declared slots it is one slot, without declared disk none.</summary>
    /// <param name="capacity">What the worker declared.</param>
    /// <returns>The amounts.</returns>
    public static Amounts Of(WorkerCapacity capacity)
    {
        ArgumentNullException.ThrowIfNull(capacity);
        return new()
        {
            Slots = Math.Max(0, capacity.Slots ?? 1),
            CpuMilli = Milli(capacity.Cpu, up: false),
            MemoryBytes = Cut(capacity.MemoryBytes),
            Gpu = Math.Max(0, capacity.Gpu),
            DiskBytes = Cut(capacity.DiskBytes ?? 0),
            Units = UnitsOf(capacity.Units, up: false),
        };
    }

    /// <summary>How much of a custom unit there is.</summary>
    /// <param name="name">The unit.</param>
    /// <returns>Thousandths; 0 where it is not declared.</returns>
    public long Unit(string name)
    {
        foreach (ref readonly var unit in Units.AsSpan())
        {
            if (string.Equals(unit.Name, name, StringComparison.Ordinal)) return unit.Milli;
        }

        return 0;
    }

    /// <summary>Whether a need fits into these amounts. What is not needed is not compared.</summary>
    /// <param name="need">The need.</param>
    /// <returns>True where each needed amount is there.</returns>
    public bool Covers(Amounts need)
    {
        ArgumentNullException.ThrowIfNull(need);
        if (Lacks(Slots, need.Slots) || Lacks(CpuMilli, need.CpuMilli) || Lacks(MemoryBytes, need.MemoryBytes)
            || Lacks(Gpu, need.Gpu) || Lacks(DiskBytes, need.DiskBytes)) return false;
        foreach (ref readonly var unit in need.Units.AsSpan())
        {
            if (Lacks(Unit(unit.Name), unit.Milli)) return false;
        }

        return true;
    }

    /// <summary>The sum.</summary>
    /// <param name="other">What is added.</param>
    /// <returns>The sum, unit by unit.</returns>
    public Amounts Plus(Amounts other) => Combine(other, 1);

    /// <summary>The difference; an amount may fall below zero where a worker has less than was leased on it.</summary>
    /// <param name="other">What is taken away.</param>
    /// <returns>The difference, unit by unit.</returns>
    public Amounts Minus(Amounts other) => Combine(other, -1);

    /// <summary>The amounts as one text, the same for equal amounts.</summary>
    /// <returns>The text.</returns>
    public string Key()
    {
        var text = new StringBuilder(48);
        text.Append(CultureInfo.InvariantCulture, $"{Slots}/{CpuMilli}/{MemoryBytes}/{Gpu}/{DiskBytes}");
        foreach (var unit in Units) text.Append(CultureInfo.InvariantCulture, $"/{unit.Name}={unit.Milli}");
        return text.ToString();
    }

    private static bool Lacks(long have, long need) => need > 0 && have < need;

    private Amounts Combine(Amounts other, int sign)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new()
        {
            Slots = Slots + (sign * other.Slots),
            CpuMilli = CpuMilli + (sign * other.CpuMilli),
            MemoryBytes = MemoryBytes + (sign * other.MemoryBytes),
            Gpu = Gpu + (sign * other.Gpu),
            DiskBytes = DiskBytes + (sign * other.DiskBytes),
            Units = other.Units.IsEmpty ? Units : CombineUnits(other, sign),
        };
    }

    private ImmutableArray<UnitAmount> CombineUnits(Amounts other, int sign)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var unit in Units) sums[unit.Name] = unit.Milli;
        foreach (var unit in other.Units) sums[unit.Name] = sums.GetValueOrDefault(unit.Name) + (sign * unit.Milli);
        return [.. sums.Select(pair => new UnitAmount(pair.Key, pair.Value))];
    }

    private static ImmutableArray<UnitAmount> UnitsOf(IReadOnlyDictionary<string, decimal> units, bool up) => units.Count == 0
        ? []
        : [.. units.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new UnitAmount(pair.Key, Milli(pair.Value, up)))];

    private static long Milli(decimal value, bool up)
    {
        if (value <= 0) return 0;
        if (value >= AmountMax / 1000) return AmountMax;
        return (long)(up ? decimal.Ceiling(value * 1000) : decimal.Floor(value * 1000));
    }

    private static long Cut(long value) => Math.Clamp(value, 0, AmountMax);
}
