using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>A recorded conversation, as its file has it.</summary>
internal sealed record Scenario(string Name, Policy Policy, IReadOnlyList<JsonObject> Steps)
{
    private const string RulesFile = "rules.json";

    /// <summary>All recordings in files and folders, in order of their names. A file of rules, or one without steps, is none.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths) =>
    [
        .. paths
            .SelectMany<string, string>(path => File.Exists(path)
                ? [path]
                : Directory.EnumerateFiles(path, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            .Where(file => Path.GetFileName(file) != RulesFile),
    ];

    public static Scenario Read(string file)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        var shared = SharedRules(file);
        return new Scenario(
            (string)json["scenario"]!,
            new Policy(
                [.. Paths(shared, "ignore"), .. Paths(json, "ignore")],
                [.. Paths(shared, "unordered"), .. Paths(json, "unordered")]),
            [.. json["steps"]!.AsArray().Select(step => step!.AsObject())]);
    }

    /// <summary>The rules for all recordings are in the nearest rules.json above the file.</summary>
    private static JsonObject? SharedRules(string file)
    {
        for (var folder = Directory.GetParent(Path.GetFullPath(file)); folder is not null; folder = folder.Parent)
        {
            var rules = Path.Combine(folder.FullName, RulesFile);
            if (File.Exists(rules))
            {
                return JsonNode.Parse(File.ReadAllText(rules))!.AsObject();
            }
        }

        return null;
    }

    private static IEnumerable<string> Paths(JsonObject? json, string list) =>
        json?[list] is JsonArray rules ? rules.Select(rule => (string)rule!["path"]!) : [];
}
