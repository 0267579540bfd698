namespace Dispatch.Engine.Frontend;

/// <summary>The grammar of <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const int LengthMax = 9;

    /// <summary>What is wrong with a time-out, in the words of the reference implementation; null when nothing is.</summary>
    public static string? Complaint(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length < 2)
        {
            return $"transport: timeout string is too short: \"{text}\"";
        }

        if (text.Length > LengthMax)
        {
            return $"transport: timeout string is too long: \"{text}\"";
        }

        if (!"HMSmun".Contains(text[^1], StringComparison.Ordinal))
        {
            return $"transport: timeout unit is not recognized: \"{text}\"";
        }

        var digits = text[..^1];
        return digits.All(char.IsAsciiDigit) ? null : $"strconv.ParseUint: parsing \"{digits}\": invalid syntax";
    }
}
