using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>Compares a recorded answer, with its symbols, and an actual one.</summary>
internal sealed class Comparer
{
    private const string Anything = "${some}";
    private const int ShownCharsMax = 300;

    private readonly Policy policy;

    public Comparer(Policy policy) => this.policy = policy;

    /// <summary>All differences, as path and text. Binds symbols.</summary>
    public IReadOnlyList<(string Path, string Text)> Compare(JsonNode? template, JsonNode? actual, Bindings bindings, string path)
    {
        var found = new List<(string Path, string Text)>();
        Compare(template, actual, bindings, path, found);
        return found;
    }

    public static string Show(JsonNode? node)
    {
        var text = node?.ToJsonString(ScenarioJson.Relaxed) ?? "nothing";
        return text.Length <= ShownCharsMax ? text : text[..ShownCharsMax] + "...";
    }

    private void Compare(JsonNode? template, JsonNode? actual, Bindings bindings, string path, List<(string, string)> found)
    {
        switch (template)
        {
            case JsonValue value when value.TryGetValue<string>(out var text):
                if (text == Anything ? actual is null : !(AsText(actual) is { } seen && bindings.Matches(text, seen)))
                {
                    found.Add((path, $"expected \"{bindings.Shown(text)}\", got {Show(actual)}"));
                }

                break;
            case JsonObject expected when actual is JsonObject map:
                CompareMaps(expected, map, bindings, path, found);
                break;
            case JsonArray expected when actual is JsonArray list:
                CompareLists(expected, list, bindings, path, found);
                break;
            default:
                if (!SameScalar(template, actual))
                {
                    found.Add((path, $"expected {Show(template)}, got {Show(actual)}"));
                }

                break;
        }
    }

    private void CompareMaps(JsonObject template, JsonObject actual, Bindings bindings, string path, List<(string, string)> found)
    {
        var known = new HashSet<string>();
        foreach (var (raw, expected) in template)
        {
            var key = raw.Contains("${", StringComparison.Ordinal)
                ? actual.Select(item => item.Key).FirstOrDefault(item => !known.Contains(item) && bindings.Matches(raw, item)) ?? raw
                : raw;
            known.Add(key);
            if (!actual.TryGetPropertyValue(key, out var value))
            {
                if (!IsEmpty(expected) && !MayBeNothing(expected, bindings))
                {
                    found.Add(($"{path}/{raw}", $"missing; expected {Show(expected)}"));
                }
            }
            else if (!Policy.IsWording(key, template))
            {
                Compare(expected, value, bindings, $"{path}/{raw}", found);
            }
        }

        found.AddRange(actual
            .Where(item => !known.Contains(item.Key) && !IsEmpty(item.Value))
            .Select(item => ($"{path}/{item.Key}", $"unexpected {Show(item.Value)}")));
    }

    private void CompareLists(JsonArray template, JsonArray actual, Bindings bindings, string path, List<(string, string)> found)
    {
        if (template.Count != actual.Count)
        {
            found.Add((path, $"expected {template.Count} items, got {actual.Count}: {Brief(template)} | {Brief(actual)}"));
            return;
        }

        if (policy.HasNoOrder(path))
        {
            CompareBags(template, actual, bindings, path, found);
            return;
        }

        for (var i = 0; i < template.Count; i++)
        {
            Compare(template[i], actual[i], bindings, $"{path}/{i}", found);
        }
    }

    private void CompareBags(JsonArray template, JsonArray actual, Bindings bindings, string path, List<(string, string)> found)
    {
        var left = actual.ToList();
        for (var i = 0; i < template.Count; i++)
        {
            var match = left.FindIndex(candidate => Compare(template[i], candidate, bindings.Copy(), path).Count == 0);
            if (match < 0)
            {
                found.Add(($"{path}/{i}", $"no item like {Show(template[i])} among {Show(new JsonArray([.. left.Select(item => item?.DeepClone())]))}"));
                return;
            }

            Compare(template[i], left[match], bindings, path, found); // the same once more, to bind its symbols
            left.RemoveAt(match);
        }
    }

    private static bool SameScalar(JsonNode? template, JsonNode? actual)
    {
        if (template is not JsonValue expected || actual is not JsonValue seen)
        {
            return template is null && actual is null;
        }

        return expected.TryGetValue<double>(out var number) && seen.TryGetValue<double>(out var other)
            ? number.Equals(other)
            : JsonNode.DeepEquals(expected, seen);
    }

    /// <summary>A measured duration that may have been nothing: one that is nothing isn't in a message.</summary>
    private static bool MayBeNothing(JsonNode? expected, Bindings bindings) =>
        AsText(expected) is { } text && text.StartsWith("${about:", StringComparison.Ordinal) && bindings.Matches(text, "0s");

    private static string? AsText(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool IsEmpty(JsonNode? node) => node is JsonObject { Count: 0 } or JsonArray { Count: 0 };

    /// <summary>Two lists of unequal length: the types of events say more than whole events.</summary>
    private static string Brief(JsonArray items) => string.Join(' ', items.Select(item =>
        item is JsonObject map && map["eventType"] is { } type ? type.ToString().Replace("EVENT_TYPE_", "", StringComparison.Ordinal) : Show(item)));
}
