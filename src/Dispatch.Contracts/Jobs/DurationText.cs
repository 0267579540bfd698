using System.Buffers;
using System.Globalization;
using System.Text;

namespace Dispatch.Contracts.Jobs;

/// <summary>Durations as text: <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>1h30m</c>, or ISO 8601 (<c>PT5M</c>, <c>P1DT2H</c>).</summary>
/// <remarks>The finest step is a millisecond. ISO years and months are refused: they have no fixed length.</remarks>
public static class DurationText
{
    /// <summary>What is understood, for messages.</summary>
    public const string Forms = "a duration such as 500ms, 10s, 5m, 1h, 1h30m or PT5M";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly (string Unit, long Milliseconds)[] Units = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    private static readonly (string Unit, long Milliseconds)[] IsoDays = [("W", 604_800_000), ("D", 86_400_000)];
    private static readonly (string Unit, long Milliseconds)[] IsoTimes = [("H", 3_600_000), ("M", 60_000), ("S", 1_000)];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text, without blanks or sign.</param>
    /// <param name="duration">The duration, in whole milliseconds.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
            return false;
        var total = 0m;
        if (text[0] != 'P')
            return TryAdd(text, Units, ref total) && TryMake(total, out duration);
        var days = text[1..];
        var times = "";
        var split = days.IndexOf('T', StringComparison.Ordinal);
        if (split >= 0)
        {
            times = days[(split + 1)..];
            days = days[..split];
            if (times.Length == 0)
                return false;
        }

        return (days.Length + times.Length > 0)
            && (days.Length == 0 || TryAdd(days, IsoDays, ref total))
            && (times.Length == 0 || TryAdd(times, IsoTimes, ref total))
            && TryMake(total, out duration);
    }

    /// <summary>Writes a duration in its canonical form, such as <c>1h30m</c>; zero is <c>0s</c>. Parts of a millisecond are rounded up.</summary>
    /// <param name="duration">Zero or more.</param>
    /// <returns>Text that <see cref="TryParse"/> reads.</returns>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var milliseconds = (duration.Ticks / TimeSpan.TicksPerMillisecond) + (duration.Ticks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0);
        if (milliseconds == 0)
            return "0s";
        var text = new StringBuilder();
        foreach (var (unit, length) in Units)
        {
            if (milliseconds >= length)
                text.Append(CultureInfo.InvariantCulture, $"{milliseconds / length}{unit}");
            milliseconds %= length;
        }

        return text.ToString();
    }

    /// <summary>Adds number-unit pairs; units come in the table's order, each at most once.</summary>
    private static bool TryAdd(ReadOnlySpan<char> text, (string Unit, long Milliseconds)[] units, ref decimal total)
    {
        var next = 0;
        while (text.Length > 0)
        {
            var digits = text.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || digits > 18
                || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            text = text[digits..];
            var length = text.IndexOfAny(NumberCharacters);
            var unit = length < 0 ? text : text[..length];
            while (next < units.Length && !unit.SequenceEqual(units[next].Unit))
                next++;
            if (next == units.Length)
                return false;
            total += number * units[next].Milliseconds;
            next++;
            text = text[unit.Length..];
        }

        return true;
    }

    private static bool TryMake(decimal milliseconds, out TimeSpan duration)
    {
        duration = default;
        if (milliseconds != decimal.Truncate(milliseconds) || milliseconds > (long)TimeSpan.MaxValue.TotalMilliseconds)
            return false;
        duration = TimeSpan.FromTicks((long)milliseconds * TimeSpan.TicksPerMillisecond);
        return true;
    }
}
