using System.Text.RegularExpressions;

namespace Dispatch.Contracts.Jobs;

/// <summary>The syntax of an image's reference: <c>[host[:port]/]path[:tag][@digest]</c>, as the OCI distribution specification has it.</summary>
internal static partial class ImageReference
{
    private const string Forms = "write [registry/]name[:tag][@sha256:…], such as alpine:3.20 or registry:5000/team/tool:1";

    /// <summary>What is wrong with a reference, or null.</summary>
    public static string? Check(string text)
    {
        if (text.Length == 0)
            return $"is empty; {Forms}.";
        if (text.Length > SpecLimits.ImageCharacters)
            return $"has more than {SpecLimits.ImageCharacters} characters; {Forms}.";
        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            return $"holds blanks; {Forms}.";
        if (text.Contains("://", StringComparison.Ordinal))
            return $"is an address, not a reference: leave the part up to :// out, and {Forms}.";

        var name = text;
        var at = name.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!DigestPattern().IsMatch(name[(at + 1)..]))
                return "has a bad digest after @: write sha256: and 64 hexadecimal digits in lower case.";
            name = name[..at];
        }

        var colon = name.LastIndexOf(':');
        if (colon > name.LastIndexOf('/'))
        {
            if (!TagPattern().IsMatch(name[(colon + 1)..]))
                return "has a bad tag after the last colon: 1 to 128 letters, digits, _ . or -, not beginning with . or -.";
            name = name[..colon];
        }

        return CheckName(name);
    }

    private static string? CheckName(string name)
    {
        var path = name;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && IsHost(name[..slash]))
        {
            if (!HostPattern().IsMatch(name[..slash]))
                return $"has a bad registry host before the first /; {Forms}.";
            path = name[(slash + 1)..];
        }

        if (path.Split('/').All(part => PartPattern().IsMatch(part)))
            return null;
        return path.Any(char.IsAsciiLetterUpper)
            ? "has capitals in its name, which must be in lower case (tags may have them)."
            : $"is no image reference; {Forms}.";
    }

    /// <summary>The first part is a host where it looks like one: a dot, a colon, a bracket, or localhost.</summary>
    private static bool IsHost(string part) => part == "localhost" || part.AsSpan().IndexOfAny(".:[") >= 0;

    [GeneratedRegex(@"^(?:[A-Za-z0-9.-]*[A-Za-z0-9]|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PartPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z|^sha512:[0-9a-f]{128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DigestPattern();
}
