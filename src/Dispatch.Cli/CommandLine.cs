using System.Text.RegularExpressions;

namespace Dispatch.Cli;

/// <summary>A command line cut at its first <c>--</c>: what follows is the workload's, word for word.</summary>
/// <param name="Own">Our own words.</param>
/// <param name="Workload">The workload's argv, or null where there is no <c>--</c>.</param>
internal sealed partial record CommandLine(IReadOnlyList<string> Own, IReadOnlyList<string>? Workload)
{
    /// <summary>Cuts.</summary>
    public static CommandLine Split(string[] args)
    {
        var at = Array.IndexOf(args, "--");
        return at < 0 ? new(Words(args), null) : new(Words(args[..at]), args[(at + 1)..]);
    }

    /// <summary><c>--option=</c> has an empty value; the parser would take the next word for it.</summary>
    private static string[] Words(string[] own) => [.. own.SelectMany(word => EmptyValue().Match(word) is { Success: true } found ? (string[])[found.Groups[1].Value, ""] : [word])];

    [GeneratedRegex("^(--?[A-Za-z][A-Za-z-]*)[=:]$")]
    private static partial Regex EmptyValue();
}
