using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dispatch.Conformance;

/// <summary>What is not compared, and which lists have no order: patterns of paths, in which <c>*</c> stands for any part.</summary>
internal sealed class Policy
{
    private static readonly ConcurrentDictionary<string, Regex> Patterns = new();

    private readonly Regex[] ignored;
    private readonly Regex[] unordered;

    public Policy(IEnumerable<string> ignored, IEnumerable<string> unordered)
    {
        this.ignored = [.. ignored.Select(Pattern)];
        this.unordered = [.. unordered.Select(Pattern)];
    }

    public bool HasNoOrder(string path) => unordered.Any(pattern => pattern.IsMatch(path));

    /// <summary>Whether a text inside an answer is the server's own wording, which others may word otherwise.</summary>
    public static bool IsWording(string key, JsonObject parent) => key switch
    {
        "message" => (parent["source"] as JsonValue)?.ToString() == "Server" || parent.ContainsKey("serverFailureInfo"),
        "reason" => (parent["identity"] as JsonValue)?.ToString().StartsWith("history-", StringComparison.Ordinal) == true,
        _ => false,
    };

    /// <summary>A copy without the parts that are not compared.</summary>
    public JsonNode? Pruned(JsonNode? node, string path)
    {
        switch (node)
        {
            case JsonObject map:
                var kept = new JsonObject();
                foreach (var (key, value) in map)
                {
                    var at = $"{path}/{key}";
                    if (!ignored.Any(pattern => pattern.IsMatch(at)) && !(key.StartsWith('$') && !key.StartsWith("${", StringComparison.Ordinal)))
                    {
                        kept[key] = Pruned(value, at);
                    }
                }

                return kept;
            case JsonArray list:
                return new JsonArray([.. list.Select((item, index) => Pruned(item, $"{path}/{index}"))]);
            default:
                return node?.DeepClone();
        }
    }

    private static Regex Pattern(string glob) => Patterns.GetOrAdd(glob, text => new Regex(
        "^" + Regex.Escape(text).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline));
}
