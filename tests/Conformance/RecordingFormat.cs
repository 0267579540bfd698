using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>What a recording may say. What the player would pass over is refused before anything is played: it must not count as passed.</summary>
internal static class RecordingFormat
{
    private const int Version = 1;

    /// <summary>The kinds of steps, each by the field that makes it one, in the order in which they are looked for; the kind of its value; what else it may say.</summary>
    private static readonly (string Kind, JsonValueKind Value, string[] Fields)[] Kinds =
    [
        ("sleep", JsonValueKind.Number, []),
        ("cancel", JsonValueKind.String, []),
        ("begin", JsonValueKind.String, ["call", "request", "timeout", "metadata", "compress"]),
        ("end", JsonValueKind.String, ["expect", "times"]),
        ("raw", JsonValueKind.Object, ["timeout", "expect"]),
        ("call", JsonValueKind.String, ["request", "timeout", "metadata", "compress", "eventually", "expect", "times"]),
    ];

    private static readonly string[] Expected = ["code", "message", "details", "response", "elapsed"];
    private static readonly string[] Wording = ["text", "match", "full"];
    private static readonly string[] Matches = ["exact", "prefix", "contains", "informative"];
    private static readonly string[] Elapsed = ["min", "max"];
    private static readonly string[] Follows = ["that", "is", "plus", "within"];
    private static readonly string[] NotBefore = ["that", "notBefore"];
    private static readonly string[] Raw = ["path", "headers", "body"];

    /// <summary>Reads JSON whose outside is an object.</summary>
    /// <exception cref="RecordingException">It is none.</exception>
    public static JsonObject Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new RecordingException("it is empty");
        }

        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new RecordingException("it is JSON, but no object");
        }
        catch (JsonException exception)
        {
            throw new RecordingException(
                exception.LineNumber is { } line
                    ? $"it is no JSON, or was cut off, at line {line + 1}, byte {exception.BytePositionInLine + 1}: {Reason(exception)}"
                    : $"its JSON cannot be read: {Reason(exception)}",
                exception);
        }
    }

    /// <summary>Checks a recording and gives its steps; those that are for the reader alone stay, so that the others keep their numbers.</summary>
    /// <exception cref="RecordingException">It has something that this runner does not know, or lacks something.</exception>
    public static IReadOnlyList<JsonObject> Steps(JsonObject recording)
    {
        if (recording["format"] is not JsonValue format || !format.TryGetValue<int>(out var version) || version != Version)
        {
            throw new RecordingException($"its format is {Comparer.Show(recording["format"])}; this runner knows format {Version}");
        }

        if (recording["scenario"]?.GetValueKind() != JsonValueKind.String)
        {
            throw new RecordingException("it has no 'scenario', its name");
        }

        if (recording["steps"] is not JsonArray { Count: > 0 } steps)
        {
            throw new RecordingException("it has no steps: there is nothing to play");
        }

        var begun = new HashSet<string>();
        var compared = false;
        for (var index = 0; index < steps.Count; index++)
        {
            try
            {
                compared |= Check(steps[index], begun);
            }
            catch (RecordingException problem)
            {
                throw new RecordingException($"step {index} {problem.Message}", problem);
            }
        }

        return compared ? [.. steps.Select(step => step!.AsObject())] : throw new RecordingException("none of its steps expects anything: there is nothing to compare");
    }

    /// <summary>Checks one step; whether something of it is compared.</summary>
    private static bool Check(JsonNode? node, HashSet<string> begun)
    {
        if (node is not JsonObject step)
        {
            throw new RecordingException($"is {Comparer.Show(node)}, not an object");
        }

        var (kind, valueKind, fields) = Kinds.FirstOrDefault(candidate => step.ContainsKey(candidate.Kind));
        if (kind is null)
        {
            return step.Count == 1 && step.ContainsKey("comment") ? false
                : throw new RecordingException($"({Comparer.Show(step)}) is of a kind that this runner does not know; it knows {string.Join(", ", Kinds.Select(known => known.Kind))} and comment");
        }

        Known(step, [kind, "comment", .. fields], $"of kind {kind}");
        Is(step, kind, valueKind);
        switch (kind)
        {
            case "begin":
                Is(step, "call", JsonValueKind.String);
                return begun.Add((string)step[kind]!) ? false : throw new RecordingException($"begins '{step[kind]}', which is open already");
            case "end" when !begun.Remove((string)step[kind]!):
            case "cancel" when !begun.Contains((string)step[kind]!):
                throw new RecordingException($"names '{step[kind]}', which no step before it began");
            case "raw":
                Known(step[kind]!.AsObject(), Raw, "in 'raw'");
                Is(step[kind]!.AsObject(), "path", JsonValueKind.String);
                Is(step, "expect", JsonValueKind.Object);
                return true;
            case "end" or "call":
                Is(step, "expect", JsonValueKind.Object);
                CheckExpected(step["expect"]!.AsObject());
                CheckTimes(step["times"]);
                return true;
            default:
                return false;
        }
    }

    private static void CheckExpected(JsonObject expect)
    {
        Known(expect, Expected, "in 'expect'");
        Is(expect, "code", JsonValueKind.String);
        if (expect["message"] is not null)
        {
            Is(expect, "message", JsonValueKind.Object);
            var message = expect["message"]!.AsObject();
            Known(message, Wording, "in 'message'");
            Is(message, "text", JsonValueKind.String);
            Is(message, "match", JsonValueKind.String);
            if (!Matches.Contains((string)message["match"]!))
            {
                throw new RecordingException($"matches its message by '{message["match"]}', which this runner does not know; it knows {string.Join(", ", Matches)}");
            }
        }

        if (expect["elapsed"] is not null)
        {
            Is(expect, "elapsed", JsonValueKind.Object);
            var elapsed = expect["elapsed"]!.AsObject();
            Known(elapsed, Elapsed, "in 'elapsed'");
            Is(elapsed, "min", JsonValueKind.Number);
            Is(elapsed, "max", JsonValueKind.Number);
        }
    }

    private static void CheckTimes(JsonNode? times)
    {
        if (times is not (null or JsonArray))
        {
            throw new RecordingException($"has {Comparer.Show(times)} as 'times', not a list");
        }

        foreach (var claim in times?.AsArray() ?? [])
        {
            var names = (claim as JsonObject)?.Select(field => field.Key).Order(StringComparer.Ordinal);
            if (names is null || !(names.SequenceEqual(Follows.Order(StringComparer.Ordinal)) || names.SequenceEqual(NotBefore.Order(StringComparer.Ordinal))))
            {
                throw new RecordingException($"claims {Comparer.Show(claim)} of its times; this runner knows {string.Join(", ", Follows)}, and {string.Join(", ", NotBefore)}");
            }
        }
    }

    private static void Known(JsonObject map, string[] known, string where)
    {
        if (map.Select(field => field.Key).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new RecordingException($"has '{unknown}', which this runner does not know {where}; it knows {string.Join(", ", known)}");
        }
    }

    private static void Is(JsonObject map, string name, JsonValueKind kind)
    {
        if (map[name]?.GetValueKind() is var found && found != kind)
        {
            throw new RecordingException(found is null ? $"lacks '{name}'" : $"has {Comparer.Show(map[name])} as '{name}'; that is a {kind.ToString().ToLowerInvariant()} here");
        }
    }

    // The place is told in front; the parser counts it from 0.
    private static string Reason(JsonException exception) => exception.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
}
