using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dispatch.Contracts.Ids;

/// <summary>Writes an id as the plain string it is.</summary>
/// <typeparam name="T">The id's type.</typeparam>
public abstract class IdConverter<T> : JsonConverter<T>
    where T : struct
{
    /// <summary>Makes the id from its text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The id.</returns>
    protected abstract T FromText(string text);

    /// <inheritdoc/>
    public sealed override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        FromText(reader.GetString() ?? throw new JsonException("an id is a string"));

    /// <inheritdoc/>
    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <inheritdoc/>
    public sealed override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        FromText(reader.GetString() ?? throw new JsonException("an id is a string"));

    /// <inheritdoc/>
    public sealed override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(value.ToString()!);
}
