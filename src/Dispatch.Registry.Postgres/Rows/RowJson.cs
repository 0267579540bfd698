using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>How rows travel: a row is one JSON object both ways, its members named as the columns, so that one record a table is all the mapping there is.</summary>
internal static class RowJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    public static string Write<T>(T row) => JsonSerializer.Serialize(row, Options);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("a row is an object");

    /// <summary>Whether an error at reading a row is the row's own: somebody has changed it by hand to what no program writes.</summary>
    public static bool IsOfRow(Exception error) => error is JsonException or FormatException or ArgumentException or NullReferenceException or InvalidOperationException
        or OverflowException or KeyNotFoundException or NotSupportedException;

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
