using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dispatch.Contracts.Jobs;

/// <summary>What the texts of a spec must look like: each rule answers with what is wrong, or null.</summary>
internal static partial class SpecSyntax
{
    private static readonly string[] OwnVariables = ["DISPATCH_JOB", "DISPATCH_ATTEMPT", "DISPATCH_FENCE", "DISPATCH_OUTCOME"];

    public static string? Any(string text) => null;

    public static string? Argument(string text) =>
        Encoding.UTF8.GetByteCount(text) > SpecLimits.KernelStringBytes
            ? $"is too long: Linux takes at most {SpecLimits.KernelStringBytes:N0} bytes for one argument; pass it by stdin or a file."
            : null;

    public static string? EnvironmentName(string name) => name switch
    {
        "" => "has no name; an environment variable needs one.",
        _ when name.Contains('=', StringComparison.Ordinal) => "holds a = in its name; the name ends at the first =.",
        _ when name.Contains('\0', StringComparison.Ordinal) => "holds a NUL character in its name; take it out.",
        _ when OwnVariables.Contains(name, StringComparer.Ordinal) => "is set by Dispatch itself; choose another name.",
        _ => null,
    };

    public static string? EnvironmentEntry(string name, string value) =>
        Encoding.UTF8.GetByteCount(name) + 1 + Encoding.UTF8.GetByteCount(value) > SpecLimits.KernelStringBytes
            ? $"is too long: Linux takes at most {SpecLimits.KernelStringBytes:N0} bytes for NAME=value; pass it by stdin or a file."
            : null;

    public static string? Stdin(string text) =>
        Encoding.UTF8.GetByteCount(text) > SpecLimits.StdinBytes ? $"has more than {SpecLimits.StdinBytes:N0} bytes of UTF-8; shorten it." : null;

    public static string? Shown(string text) => text switch
    {
        { Length: 0 or > SpecLimits.TextCharacters } => $"must have 1 to {SpecLimits.TextCharacters} characters.",
        _ when text.Any(HiddenCharacters.Moves) => "holds a control character, or one that changes the direction of writing; take it out.",
        _ when string.IsNullOrWhiteSpace(text) => "is blank; give it a text or leave it out.",
        _ => null,
    };

    public static string? LabelValue(string text) => text switch
    {
        { Length: > SpecLimits.TextCharacters } => $"has more than {SpecLimits.TextCharacters} characters; shorten it.",
        _ when text.Any(HiddenCharacters.Moves) => "holds a control character, or one that changes the direction of writing; take it out.",
        _ => null,
    };

    public static string? LabelName(string name) =>
        name.Length <= SpecLimits.NameCharacters && LabelNamePattern().IsMatch(name)
            ? null
            : $"is no label name: 1 to {SpecLimits.NameCharacters} letters, digits, . _ - or /, with a letter or digit at both ends.";

    public static string? Identifier(string name) =>
        name.Length <= SpecLimits.NameCharacters && IdentifierPattern().IsMatch(name)
            ? null
            : $"must have 1 to {SpecLimits.NameCharacters} letters, digits, . _ or -.";

    public static string? AbsolutePath(string path) => path switch
    {
        { Length: > SpecLimits.PathCharacters } => $"has more than {SpecLimits.PathCharacters:N0} characters; shorten it.",
        _ when !path.StartsWith('/') => "must be an absolute path, beginning with /.",
        _ when path.Split('/').Contains("..", StringComparer.Ordinal) => "must not climb with ..; write the path it means.",
        _ => null,
    };

    public static string? TargetPath(string path) =>
        AbsolutePath(path) ?? (path.Trim('/').Length == 0 ? "must not be the root itself; name a folder below /." : null);

    public static string? User(string text) =>
        UserPattern().IsMatch(text) ? null : "must be a user name or number, optionally with :group, such as 1000, app or 1000:1000.";

    public static string? Capability(string text) =>
        CapabilityPattern().IsMatch(text) ? null : "is no capability name; write it in capitals, such as NET_ADMIN.";

    /// <summary>What is wrong with all labels together: they must fit into one search attribute.</summary>
    public static string? LabelsTogether(IReadOnlyDictionary<string, string> labels)
    {
        var list = labels.Select(label => $"{label.Key}={label.Value}").ToArray();
        var bytes = JsonSerializer.SerializeToUtf8Bytes(list, LabelsOptions).Length;
        return bytes <= SpecLimits.LabelsBytes ? null : $"takes {bytes:N0} bytes in all, more than {SpecLimits.LabelsBytes:N0}; shorten labels or drop some.";
    }

    /// <summary>Escapes as much as any client's converter may.</summary>
    private static readonly JsonSerializerOptions LabelsOptions = new() { Encoder = JavaScriptEncoder.Default };

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelNamePattern();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdentifierPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserPattern();

    [GeneratedRegex(@"^[A-Z][A-Z0-9_]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CapabilityPattern();
}
