using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dispatch.Conformance;

/// <summary>Turns concrete recorded calls into templates: server-made ids and tokens become symbols, times wildcards.</summary>
internal sealed partial class Abstraction
{
    private const int TokenCharsMin = 16;

    private readonly Dictionary<string, string> symbols = [];
    private readonly HashSet<string> givenByClient = [];

    /// <summary>A request: what an answer yielded before becomes its symbol, all else is the client's own and stays.</summary>
    public JsonNode? Request(JsonNode? node)
    {
        foreach (var text in Texts(node))
        {
            givenByClient.UnionWith(Identifier().Matches(text).Select(match => match.Value).Where(id => !symbols.ContainsKey(id)));
        }

        return Replaced(node, "", text => symbols.GetValueOrDefault(text, Identifier().Replace(text, id => symbols.GetValueOrDefault(id.Value, id.Value))));
    }

    public JsonNode? Response(JsonNode? node) => Replaced(node, "", null);

    private JsonNode? Replaced(JsonNode? node, string key, Func<string, string>? replace) => node switch
    {
        JsonObject map => new JsonObject(map
            .Where(item => !item.Key.StartsWith('$'))
            .Select(item => KeyValuePair.Create(replace is null ? Text(item.Key, "") : item.Key, Replaced(item.Value, item.Key, replace)))),
        JsonArray list => new JsonArray([.. list.Select(item => Replaced(item, key, replace))]),
        JsonValue value when value.TryGetValue<string>(out var text) => replace is null ? Text(text, key) : replace(text),
        _ => node?.DeepClone(),
    };

    private string Text(string text, string key)
    {
        if (symbols.TryGetValue(text, out var symbol))
        {
            return symbol;
        }

        if (key is "nextPageToken" && text.Length >= TokenCharsMin)
        {
            return symbols[text] = $"${{page.{symbols.Count + 1}}}";
        }

        if (WorkerIdentity().IsMatch(text))
        {
            return "${some}";
        }

        if (Timestamp().IsMatch(text))
        {
            return text.StartsWith("0001", StringComparison.Ordinal) ? text : "${time}";
        }

        return Identifier().Replace(text, id =>
        {
            if (givenByClient.Contains(id.Value))
            {
                return id.Value;
            }

            if (!symbols.TryGetValue(id.Value, out var name))
            {
                symbols[id.Value] = name = $"${{uuid.{symbols.Count + 1}}}";
            }

            return name;
        });
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(item => Texts(item.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"^\d+@[\w.]+(-[0-9a-f]{32})?$")]
    private static partial Regex WorkerIdentity();
}
