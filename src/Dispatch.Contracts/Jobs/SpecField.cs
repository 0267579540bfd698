using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Dispatch.Contracts.Jobs;

/// <summary>One value of a spec, with its path; every read reports what is wrong and answers with nothing then.</summary>
internal readonly record struct SpecField(JsonElement Value, string Path, SpecErrors Errors)
{
    private const string NotUnicode = "holds half of a surrogate pair, which is no character; write whole characters.";

    public string? Text(Func<string, string?> check) => Text(check, nulAllowed: false);

    /// <summary>A string; <paramref name="check"/> answers with what is wrong with it, or null.</summary>
    public string? Text(Func<string, string?> check, bool nulAllowed)
    {
        if (Value.ValueKind != JsonValueKind.String)
            return WrongType<string>("a string");
        if (!TryText(Value, out var text))
            return Wrong<string>(NotUnicode);
        if (!nulAllowed && text.Contains('\0', StringComparison.Ordinal))
            return Wrong<string>("holds a NUL character, which no program can be given; take it out.");
        return check(text) is { } problem ? Wrong<string>(problem) : text;
    }

    public decimal? Number(decimal least, decimal most)
    {
        if (Value.ValueKind != JsonValueKind.Number)
            return WrongType<decimal?>("a number");
        if (!Value.TryGetDecimal(out var number) || number < least || number > most)
            return Wrong<decimal?>($"must be {Plain(least)} to {Plain(most)}.");
        return number;
    }

    public int? Whole(int least, int most)
    {
        if (Value.ValueKind != JsonValueKind.Number)
            return WrongType<int?>("a whole number");
        if (!Value.TryGetDecimal(out var number) || number != decimal.Truncate(number) || number < least || number > most)
            return Wrong<int?>($"must be a whole number, {least} to {most}.");
        return (int)number;
    }

    public bool? Truth() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => WrongType<bool?>("true or false"),
    };

    public TimeSpan? Duration(TimeSpan least, TimeSpan most)
    {
        if (Value.ValueKind != JsonValueKind.String)
            return WrongType<TimeSpan?>(DurationText.Forms);
        if (!TryText(Value, out var text) || !DurationText.TryParse(text, out var duration))
            return Wrong<TimeSpan?>($"is no duration; write {DurationText.Forms}.");
        if (duration < least || duration > most)
            return Wrong<TimeSpan?>($"must be {DurationText.Format(least)} to {DurationText.Format(most)}.");
        return duration;
    }

    public long? Size()
    {
        long bytes;
        if (Value.ValueKind == JsonValueKind.Number)
        {
            if (!Value.TryGetDecimal(out var number) || number != decimal.Truncate(number) || number is < 1 or > SpecLimits.SizeBytes)
                return Wrong<long?>($"must be whole bytes, 1 to {SpecLimits.SizeBytes}.");
            return (long)number;
        }

        if (Value.ValueKind != JsonValueKind.String)
            return WrongType<long?>(SizeText.Forms);
        if (!TryText(Value, out var text) || !SizeText.TryParse(text, out bytes))
            return Wrong<long?>($"is no size; write {SizeText.Forms}.");
        return bytes is < 1 or > SpecLimits.SizeBytes ? Wrong<long?>($"must be 1 byte to {SizeText.Format(SpecLimits.SizeBytes)}.") : bytes;
    }

    /// <summary>One of a few words.</summary>
    public T? Word<T>(IReadOnlyList<(string Word, T Meaning)> words)
        where T : struct
    {
        if (Value.ValueKind != JsonValueKind.String)
            return WrongType<T?>("a string");
        if (TryText(Value, out var text))
        {
            foreach (var (word, meaning) in words)
            {
                if (word == text)
                    return meaning;
            }
        }

        var known = words.Select(entry => entry.Word).ToList();
        return Wrong<T?>($"must be one of: {string.Join(", ", known)}.{NearestName.Hint(text ?? "", known)}");
    }

    /// <summary>A list; items that are wrong are reported and left out.</summary>
    public List<T> List<T>(int most, Func<SpecField, T?> read)
    {
        var items = new List<T>();
        if (Value.ValueKind != JsonValueKind.Array)
        {
            WrongType<string>("a list");
            return items;
        }

        if (Value.GetArrayLength() > most)
        {
            Errors.Add(Path, $"{Value.GetArrayLength()} items", $"has more than {most} items; shorten it.");
            return items;
        }

        var index = 0;
        foreach (var item in Value.EnumerateArray())
        {
            if (read(new(item, $"{Path}[{index++}]", Errors)) is { } value)
                items.Add(value);
        }

        return items;
    }

    /// <summary>A map with free keys; entries that are wrong are reported and left out.</summary>
    public Dictionary<string, T> Map<T>(int most, Func<string, string?> checkKey, Func<SpecField, string, T?> read)
        where T : notnull
    {
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        if (SpecObject.Open(this) is not { } entries)
            return map;
        if (entries.Names.Count > most)
        {
            Errors.Add(Path, $"{entries.Names.Count} entries", $"has more than {most} entries; shorten it.");
            return map;
        }

        foreach (var key in entries.Names)
        {
            var field = entries.Field(key)!.Value;
            if (checkKey(key) is { } problem)
                Errors.Add(field.Path, key, problem);
            else if (read(field, key) is { } value)
                map[key] = value;
        }

        return map;
    }

    public T? Wrong<T>(string message)
    {
        Errors.Add(Path, Value, message);
        return default;
    }

    public T? WrongType<T>(string wanted)
    {
        var found = Value.ValueKind switch
        {
            JsonValueKind.Null => "null; leave the field out or give",
            JsonValueKind.Object => "an object; give",
            JsonValueKind.Array => "a list; give",
            JsonValueKind.String => "a string; give",
            JsonValueKind.Number => "a number; give",
            _ => "true or false; give",
        };
        return Wrong<T>($"is {found} {wanted}.");
    }

    /// <summary>The text of a JSON string, unless escapes in it are no characters.</summary>
    public static bool TryText(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = value.GetString();
            return text is not null;
        }
        catch (InvalidOperationException)
        {
            // The reader's way of saying that an escape is half a surrogate pair.
            text = null;
            return false;
        }
    }

    private static string Plain(decimal number) => number.ToString("#,0.###", System.Globalization.CultureInfo.InvariantCulture);
}
