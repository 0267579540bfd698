namespace Dispatch.Engine.Frontend;

/// <summary>The grammar of <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const int LengthMax = 9;

    /// <summary>What is wrong with a time-out, in the words of the reference implementation; null when nothing is.</summary>
    public static string? Complaint(string? text) => text switch
    {
        null => null,
        { Length: < 2 } => $"transport: timeout string is too short: \"{text}\"",
        { Length: > LengthMax } => $"transport: timeout string is too long: \"{text}\"",
        _ when !"HMSmun".Contains(text[^1], StringComparison.Ordinal) => $"transport: timeout unit is not recognized: \"{text}\"",
        _ when !text[..^1].All(char.IsAsciiDigit) => $"strconv.ParseUint: parsing \"{text[..^1]}\": invalid syntax",
        _ => null,
    };
}
