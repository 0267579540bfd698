using System.Globalization;

namespace Dispatch.Routing;

/// <summary>Amounts as people write them.</summary>
internal static class AmountText
{
    private static readonly string[] ByteUnits = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

    /// <summary>Thousandths as a decimal: <c>0.5</c>, <c>64</c>.</summary>
    public static string OfMilli(long milli) => (milli / 1000m).ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>Bytes in the largest unit that needs at most two decimals: <c>256Mi</c>, <c>3.5Gi</c>.</summary>
    public static string OfBytes(long bytes)
    {
        var value = (decimal)Math.Abs(bytes);
        var unit = 0;
        while (value >= 1024 && unit < ByteUnits.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return (bytes < 0 ? "-" : "") + value.ToString("0.##", CultureInfo.InvariantCulture) + ByteUnits[unit];
    }

    public static string OfCount(long count) => count.ToString(CultureInfo.InvariantCulture);

    /// <summary>What is missing, amount by amount: <c>cpu: needs 64, has 4 in all, 60 missing</c>.</summary>
    public static string Shortfalls(Amounts need, Amounts free, Amounts total)
    {
        var parts = new List<string>();
        Add(parts, "slots", need.Slots, free.Slots, total.Slots, OfCount);
        Add(parts, "cpu", need.CpuMilli, free.CpuMilli, total.CpuMilli, OfMilli);
        Add(parts, "memory", need.MemoryBytes, free.MemoryBytes, total.MemoryBytes, OfBytes);
        Add(parts, "gpu", need.Gpu, free.Gpu, total.Gpu, OfCount);
        Add(parts, "disk", need.DiskBytes, free.DiskBytes, total.DiskBytes, OfBytes);
        foreach (var unit in need.Units) Add(parts, unit.Name, unit.Milli, free.Unit(unit.Name), total.Unit(unit.Name), OfMilli);
        return string.Join("; ", parts);
    }

    /// <summary>How much is missing, as the largest part of a need that is not there: 0 where nothing is missing, 1 where nothing is there.</summary>
    public static double Missing(Amounts need, Amounts free)
    {
        var worst = Math.Max(Part(need.Slots, free.Slots), Part(need.CpuMilli, free.CpuMilli));
        worst = Math.Max(worst, Math.Max(Part(need.MemoryBytes, free.MemoryBytes), Part(need.Gpu, free.Gpu)));
        worst = Math.Max(worst, Part(need.DiskBytes, free.DiskBytes));
        foreach (var unit in need.Units) worst = Math.Max(worst, Part(unit.Milli, free.Unit(unit.Name)));
        return worst;
    }

    private static double Part(long need, long free) => need <= 0 || free >= need ? 0 : (double)(need - free) / need;

    private static void Add(List<string> parts, string name, long need, long free, long total, Func<long, string> text)
    {
        if (need <= 0 || free >= need) return;
        parts.Add(total < need
            ? $"{name}: needs {text(need)}, has {text(total)} in all, {text(need - total)} missing"
            : $"{name}: needs {text(need)}, {text(Math.Max(0, free))} of {text(total)} free, {text(need - Math.Max(0, free))} missing");
    }
}
