using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>Reads the value of a search attribute: string, string list, long, double, bool or instant, by its type.</summary>
internal static partial class SearchAttributeValue
{
    private static readonly ByteString Encoding = ByteString.CopyFromUtf8("json/plain");

    /// <summary>Reads a payload. A JSON null and an empty list are no value; a list of one is its item.</summary>
    /// <returns>False when the payload is not of the type.</returns>
    public static bool TryRead(Payload payload, IndexedValueType type, out object? value)
    {
        value = null;
        if (payload.Data.Length == 0)
        {
            return true;
        }

        try
        {
            using var json = JsonDocument.Parse(payload.Data.Memory);
            return TryRead(json.RootElement, type, out value);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A payload's value as the real server words it in a refusal.</summary>
    public static string Show(Payload payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload.Data.Memory);
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? $"[{string.Join(' ', json.RootElement.EnumerateArray())}]"
                : json.RootElement.ToString();
        }
        catch (JsonException)
        {
            return payload.Data.ToStringUtf8();
        }
    }

    /// <summary>A payload of plain JSON that bears its type.</summary>
    public static Payload Write(string type, object value) => new()
    {
        Metadata = { ["encoding"] = Encoding, ["type"] = ByteString.CopyFromUtf8(type) },
        Data = UnsafeByteOperations.UnsafeWrap(JsonSerializer.SerializeToUtf8Bytes(
            value is DateTimeOffset instant ? instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture) : value)),
    };

    /// <summary>Parses an instant of RFC 3339 with a time and an offset.</summary>
    public static bool TryInstant(string text, out DateTimeOffset instant)
    {
        instant = default;
        return Instant().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
    }

    private static bool TryRead(JsonElement element, IndexedValueType type, out object? value)
    {
        value = null;
        if (element.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (type == IndexedValueType.KeywordList)
        {
            if (element.ValueKind != JsonValueKind.Array || element.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            {
                return false;
            }

            value = element.GetArrayLength() == 0 ? null : element.EnumerateArray().Select(item => item.GetString()!).ToArray();
            return true;
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.GetArrayLength() == 0 || (element.GetArrayLength() == 1 && TryOne(element[0], type, out value));
        }

        return TryOne(element, type, out value);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Instant();

    private static bool TryOne(JsonElement element, IndexedValueType type, out object? value)
    {
        value = type switch
        {
            IndexedValueType.Keyword or IndexedValueType.Text when element.ValueKind == JsonValueKind.String => element.GetString(),
            IndexedValueType.Int when element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var whole) => whole,
            IndexedValueType.Double when element.ValueKind == JsonValueKind.Number => element.GetDouble(),
            IndexedValueType.Bool when element.ValueKind is JsonValueKind.True or JsonValueKind.False => element.GetBoolean(),
            IndexedValueType.Datetime when element.ValueKind == JsonValueKind.String && TryInstant(element.GetString()!, out var instant) => instant,
            _ => null,
        };
        return value is not null;
    }
}
