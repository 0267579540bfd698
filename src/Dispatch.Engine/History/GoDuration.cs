using System.Globalization;
using System.Text.RegularExpressions;

namespace Dispatch.Engine.History;

/// <summary>Durations written like <c>1h30m</c> or <c>500ms</c>.</summary>
internal static partial class GoDuration
{
    public static TimeSpan? TryParse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var seconds = match.Groups["number"].Captures.Zip(match.Groups["unit"].Captures, (number, unit) =>
            double.Parse(number.ValueSpan, CultureInfo.InvariantCulture)
            * unit.Value switch { "h" => 3600, "m" => 60, "s" => 1, _ => 0.001 }).Sum();
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    [GeneratedRegex(@"^((?<number>\d+(\.\d+)?)(?<unit>h|ms|m|s))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
