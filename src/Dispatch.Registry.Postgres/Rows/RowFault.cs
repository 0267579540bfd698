using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>What is wrong in a document of rows, in the words of whoever sees tables and columns.</summary>
internal static partial class RowFault
{
    /// <summary>Most characters of a value that are shown.</summary>
    private const int ShownMax = 60;

    /// <summary>Under which names a document has the rows of each table.</summary>
    private static readonly Dictionary<string, string> Tables = new(StringComparer.Ordinal)
    {
        ["job"] = "job",
        ["attempt"] = "attempt",
        ["conversation"] = "conversation",
        ["offer"] = "offer",
        ["outcome"] = "outcome",
        ["strays"] = "lease",
        ["worker"] = "worker",
        ["start"] = "worker_start",
        ["lease"] = "lease",
        ["others"] = "lease",
    };

    /// <summary>Says it.</summary>
    /// <typeparam name="TDocument">What was read.</typeparam>
    /// <param name="error">What reading met.</param>
    /// <param name="json">The text.</param>
    /// <returns>A clause.</returns>
    public static string Of<TDocument>(Exception error, string json) => error switch
    {
        JsonException { Path: { } path } => At(typeof(TDocument), path, json) ?? error.Message,
        FormatException => error.Message,
        _ => $"a value of it cannot be gone on with ({error.Message.TrimEnd('.')})",
    };

    private static string? At(Type type, string path, string json)
    {
        string[] steps = [.. Step().Matches(path).Select(step => step.Groups[1].Value + step.Groups[2].Value + step.Groups[3].Value)];
        var table = Array.FindIndex(steps, Tables.ContainsKey);
        if (table < 0) return null;
        using var document = JsonDocument.Parse(json);
        var (info, value) = (RowJson.Options.GetTypeInfo(type), document.RootElement);
        foreach (var step in steps)
        {
            if (Inner(info, step) is not { } inner || Inner(value, step) is not { } found) return null;
            (info, value) = (RowJson.Options.GetTypeInfo(inner), found);
        }

        string[] within = [.. steps[(table + 1)..].SkipWhile(step => int.TryParse(step, out _))];
        var where = within switch
        {
            [] => $"table {Tables[steps[table]]}",
            [var column] => $"column {column} of table {Tables[steps[table]]}",
            [var column, .. var rest] => $"column {column} of table {Tables[steps[table]]}, at {string.Join('.', rest)},",
        };
        if (value.ValueKind == JsonValueKind.Object && info.Kind == JsonTypeInfoKind.Object)
        {
            string[] lacks = [.. info.Properties.Where(property => property.IsRequired && !value.TryGetProperty(property.Name, out _)).Select(property => property.Name)];
            if (lacks.Length > 0) return $"{where} lacks {string.Join(", ", lacks)}";
        }

        var text = value.GetRawText();
        return $"{where} is {(text.Length > ShownMax ? $"{text[..ShownMax]}…" : text)}, and must be {Wanted(info)}";
    }

    private static Type? Inner(JsonTypeInfo info, string step) => info.Kind switch
    {
        JsonTypeInfoKind.Object => info.Properties.FirstOrDefault(property => property.Name == step)?.PropertyType,
        JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => info.ElementType,
        _ => null,
    };

    private static JsonElement? Inner(JsonElement value, string step) => value.ValueKind switch
    {
        JsonValueKind.Object when value.TryGetProperty(step, out var member) => member,
        JsonValueKind.Array when int.TryParse(step, out var index) && index < value.GetArrayLength() => value[index],
        _ => null,
    };

    private static string Wanted(JsonTypeInfo info)
    {
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type))}";
        if (type == typeof(DateTimeOffset)) return "a time";
        if (type == typeof(TimeSpan)) return "a duration as \"00:00:10\"";
        if (type == typeof(bool)) return "true or false";
        if (type.IsPrimitive) return $"a whole number that {type.Name} can be";
        if (type == typeof(decimal)) return "a number";
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => "an array",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            _ => "a text",
        };
    }

    [GeneratedRegex(@"\.([^.\[]+)|\[(\d+)\]|\['([^']*)'\]")]
    private static partial Regex Step();
}
