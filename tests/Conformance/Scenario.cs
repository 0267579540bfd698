using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>A recorded conversation, as its file has it.</summary>
internal sealed record Scenario(string Name, Policy Policy, IReadOnlyList<JsonObject> Steps)
{
    /// <summary>What is not compared in any of the recordings beside it and below.</summary>
    public const string RulesFile = "rules.json";

    /// <summary>All recordings in files and folders, in order of their names. A file of rules is none.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths) =>
    [
        .. paths
            .SelectMany<string, string>(path => File.Exists(path)
                ? [path]
                : Directory.EnumerateFiles(path, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            .Where(file => Path.GetFileName(file) != RulesFile),
    ];

    /// <exception cref="RecordingException">The file cannot be read, or is no recording that this runner understands.</exception>
    public static Scenario Read(string file)
    {
        var json = Parse(file);
        var shared = RulesOf(file) is { } rules ? Rules(rules) : null;
        var steps = RecordingFormat.Steps(json);
        return new Scenario(
            (string)json["scenario"]!,
            new Policy(
                [.. Paths(shared, "ignore"), .. Paths(json, "ignore")],
                [.. Paths(shared, "unordered"), .. Paths(json, "unordered")]),
            steps);
    }

    /// <summary>The rules for all recordings are in the nearest rules.json above the file; null where there is none.</summary>
    public static string? RulesOf(string file)
    {
        for (var folder = Directory.GetParent(Path.GetFullPath(file)); folder is not null; folder = folder.Parent)
        {
            var rules = Path.Combine(folder.FullName, RulesFile);
            if (File.Exists(rules))
            {
                return rules;
            }
        }

        return null;
    }

    private static JsonObject Rules(string file)
    {
        try
        {
            return Parse(file);
        }
        catch (RecordingException problem)
        {
            throw new RecordingException($"its rules are in {file}, and {problem.Message}", problem);
        }
    }

    private static JsonObject Parse(string file)
    {
        try
        {
            return RecordingFormat.Parse(File.ReadAllText(file));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException($"it cannot be read: {problem.Message}", problem);
        }
    }

    // Names of what is not compared: what else a rule says is for the reader.
    private static IEnumerable<string> Paths(JsonObject? json, string list) => json?[list] switch
    {
        null => [],
        JsonArray rules => rules.Select(rule => rule is JsonObject named && named["path"] is JsonValue path && path.TryGetValue<string>(out var text)
            ? text
            : throw new RecordingException($"a rule of '{list}' is {Comparer.Show(rule)}; it needs a 'path'")),
        var other => throw new RecordingException($"'{list}' is {Comparer.Show(other)}, not a list"),
    };
}
