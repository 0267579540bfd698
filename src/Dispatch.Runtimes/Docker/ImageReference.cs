using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Dispatch.Runtimes.Docker;

/// <summary>An image's reference, read before it is put into a request.</summary>
/// <param name="Repository">Registry and path, as the engine shows it: without <c>docker.io</c> and <c>library</c>.</param>
/// <param name="Tag">The tag; <c>latest</c> where neither tag nor digest is given.</param>
/// <param name="Digest">The digest, <c>sha256:…</c>, or null.</param>
internal sealed partial record ImageReference(string Repository, string? Tag, string? Digest)
{
    private const int RepositoryLengthMax = 255;

    /// <summary>What the engine is asked for.</summary>
    public string Name => Digest is null ? $"{Repository}:{Tag}" : $"{Repository}@{Digest}";

    /// <summary>Whether the repository names its registry; else it is meant for the engine's usual one.</summary>
    public bool HasRegistry => Repository.Split('/') is { Length: > 1 } parts && (parts[0] == "localhost" || parts[0].AsSpan().IndexOfAny('.', ':') >= 0);

    /// <summary>The registry's host, with its port where it has one.</summary>
    public string Registry => HasRegistry ? Repository.Split('/')[0] : "docker.io";

    public static bool TryParse(string text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        var match = Grammar().Match(text);
        if (!match.Success)
            return false;

        var repository = Familiar(match.Groups["repository"].Value);
        if (repository.Length > RepositoryLengthMax)
            return false;
        var digest = match.Groups["digest"] is { Success: true } found ? found.Value : null;
        var tag = match.Groups["tag"] is { Success: true } tagged ? tagged.Value : digest is null ? "latest" : null;
        reference = new ImageReference(repository, tag, digest);
        return true;
    }

    /// <summary>The digest under which the engine holds the image for this repository, from its list of <c>repository@digest</c>.</summary>
    public string? DigestAmong(IEnumerable<string> repositoryDigests)
    {
        foreach (var entry in repositoryDigests)
        {
            var at = entry.IndexOf('@', StringComparison.Ordinal);
            if (at > 0 && Familiar(entry[..at]) == Repository)
                return entry[(at + 1)..];
        }

        return null;
    }

    private static string Familiar(string repository)
    {
        foreach (var hub in (string[])["docker.io/", "index.docker.io/"])
        {
            if (repository.StartsWith(hub, StringComparison.Ordinal))
            {
                repository = repository[hub.Length..];
                break;
            }
        }

        return repository.StartsWith("library/", StringComparison.Ordinal) && repository.IndexOf('/', 8) < 0 ? repository[8..] : repository;
    }

    // The grammar of image references as the engine documents it: optional host with port, path of lower-case parts, tag of at most 128 characters, digest.
    [GeneratedRegex(
        @"\A(?<repository>(?:(?:localhost|[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)+|[A-Za-z0-9][A-Za-z0-9.-]*(?=:[0-9])|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?/)?"
        + @"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*)"
        + @"(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}
