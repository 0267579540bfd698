using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dispatch.Conformance;

/// <summary>What is not compared, and which lists have no order: patterns of paths, in which <c>*</c> stands for any part.</summary>
internal sealed class Policy
{
    /// <summary>Most recordings have the same rules, and all of them the same paths: each is matched once.</summary>
    private static readonly ConcurrentDictionary<string, Globs> Known = new();

    private readonly Globs ignored;
    private readonly Globs unordered;

    public Policy(IEnumerable<string> ignored, IEnumerable<string> unordered)
    {
        this.ignored = Known.GetOrAdd(string.Join('|', ignored.Select(Pattern)), pattern => new Globs(pattern));
        this.unordered = Known.GetOrAdd(string.Join('|', unordered.Select(Pattern)), pattern => new Globs(pattern));
    }

    public bool HasNoOrder(string path) => unordered.Match(path);

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
                    if (!ignored.Match(at) && !(key.StartsWith('$') && !key.StartsWith("${", StringComparison.Ordinal)))
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

    private static string Pattern(string glob) =>
        "^" + Regex.Escape(glob).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal) + "$";

    private sealed class Globs(string pattern)
    {
        private const int PathsMax = 100_000;

        private readonly Regex? regex = pattern.Length == 0 ? null : new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Singleline);
        private readonly ConcurrentDictionary<string, bool> paths = new();

        public bool Match(string path)
        {
            if (paths.TryGetValue(path, out var matches))
            {
                return matches;
            }

            matches = regex?.IsMatch(path) == true;
            if (paths.Count < PathsMax)
            {
                paths[path] = matches;
            }

            return matches;
        }
    }
}
