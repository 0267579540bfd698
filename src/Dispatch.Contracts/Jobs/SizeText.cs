using System.Globalization;

namespace Dispatch.Contracts.Jobs;

/// <summary>Sizes as text: plain bytes, or with <c>Ki Mi Gi</c> (powers of 1,024) or <c>K M G</c> (powers of 1,000).</summary>
public static class SizeText
{
    /// <summary>What is understood, for messages.</summary>
    public const string Forms = "a size such as 256Mi, 1Gi (powers of 1,024), 500M (powers of 1,000) or plain bytes";

    private static readonly (string Unit, long Bytes)[] Units =
        [("Gi", 1L << 30), ("Mi", 1L << 20), ("Ki", 1L << 10), ("G", 1_000_000_000), ("M", 1_000_000), ("K", 1_000)];

    /// <summary>Reads a size.</summary>
    /// <param name="text">The text, without blanks or sign; decimals where they come to whole bytes (<c>1.5Gi</c>).</param>
    /// <param name="bytes">The size in bytes.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        if (string.IsNullOrEmpty(text) || text.Length > 24)
            return false;
        var number = text;
        var factor = 1L;
        foreach (var (unit, length) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            number = text[..^unit.Length];
            factor = length;
            break;
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > long.MaxValue / factor)
            return false;
        value *= factor;
        if (value != decimal.Truncate(value))
            return false;
        bytes = (long)value;
        return true;
    }

    /// <summary>Writes a size in its canonical form: the greatest of <c>Gi Mi Ki</c> that divides it, else plain bytes.</summary>
    /// <param name="bytes">Zero or more.</param>
    /// <returns>Text that <see cref="TryParse"/> reads.</returns>
    public static string Format(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        foreach (var (unit, length) in Units.AsSpan(0, 3))
        {
            if (bytes > 0 && bytes % length == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / length}{unit}");
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
