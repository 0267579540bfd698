using System.Globalization;
using System.Text.RegularExpressions;

namespace Dispatch.Engine.History;

/// <summary>Durations written like <c>1h30m</c>, <c>-500ms</c> or <c>1.5h</c>.</summary>
internal static partial class GoDuration
{
    /// <param name="text">What is written.</param>
    /// <param name="knowsDays">Whether <c>d</c> is a unit, too.</param>
    /// <returns>The duration; null when the text isn't one, or a longer one than there can be.</returns>
    public static TimeSpan? TryParse(string text, bool knowsDays = false)
    {
        var match = Form().Match(text);
        var units = match.Groups["unit"].Captures;
        if (!match.Success || (!knowsDays && units.Any(unit => unit.Value == "d")))
        {
            return null;
        }

        var seconds = match.Groups["number"].Captures
            .Zip(units, (number, unit) => double.Parse(number.ValueSpan, CultureInfo.InvariantCulture) * Seconds(unit.Value))
            .Sum();
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(text[0] == '-' ? -seconds : seconds) : null;
    }

    /// <summary>Hours, minutes and seconds with colons: <c>26:05:00</c>.</summary>
    public static TimeSpan? TryClock(string text)
    {
        var match = Clock().Match(text);
        return match.Success
            ? TimeSpan.FromSeconds(match.Groups.Values.Skip(1).Aggregate(0L, (sum, part) => sum * 60 + long.Parse(part.ValueSpan, CultureInfo.InvariantCulture)))
            : null;
    }

    private static double Seconds(string unit) => unit switch
    {
        "d" => 86400,
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        "ms" => 1e-3,
        "ns" => 1e-9,
        _ => 1e-6,
    };

    [GeneratedRegex(@"^[-+]?((?<number>\d+(\.\d*)?|\.\d+)(?<unit>ns|us|µs|μs|ms|s|m|h|d))+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();

    [GeneratedRegex(@"^(\d{1,9}):([0-5]?\d):([0-5]?\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Clock();
}
