using System.Globalization;

namespace Dispatch.Engine.History;

/// <summary>Durations written like <c>1h30m</c> or <c>500ms</c>.</summary>
internal static class GoDuration
{
    public static TimeSpan? TryParse(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var total = 0.0;
        var at = 0;
        while (at < text.Length)
        {
            var unitAt = at;
            while (unitAt < text.Length && (char.IsAsciiDigit(text[unitAt]) || text[unitAt] == '.'))
            {
                unitAt++;
            }

            var next = unitAt;
            while (next < text.Length && char.IsAsciiLetter(text[next]))
            {
                next++;
            }

            var unit = text[unitAt..next] switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 0.001, _ => 0.0 };
            if (unit == 0 || !double.TryParse(text[at..unitAt], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            total += number * unit;
            at = next;
        }

        return total < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(total) : null;
    }
}
