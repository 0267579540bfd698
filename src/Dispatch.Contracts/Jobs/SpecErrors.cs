using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Dispatch.Contracts.Jobs;

/// <summary>Collects everything that is wrong with a spec, up to <see cref="SpecLimits.Errors"/>.</summary>
internal sealed class SpecErrors
{
    private const int ValueCharacters = 100;

    private readonly List<SpecError> _errors = [];
    private int _untold;

    public int Count => _errors.Count + _untold;

    public void Add(string path, string? value, string message)
    {
        if (_errors.Count < SpecLimits.Errors)
            _errors.Add(new(path, value is null ? null : Shorten(value), message));
        else
            _untold++;
    }

    public void Add(string path, JsonElement value, string message) => Add(path, Shown(value), message);

    public IReadOnlyList<SpecError> ToList() => _untold == 0
        ? _errors
        : [.. _errors, new("", null, string.Create(CultureInfo.InvariantCulture, $"{_untold} more errors are not listed; correct these first."))];

    /// <summary>At most 100 characters, control characters made visible, never half a character.</summary>
    public static string Shorten(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var part = Rune.IsControl(rune) ? string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}") : rune.ToString();
            if (shown.Length + part.Length > ValueCharacters - 1)
                return shown.Append('…').ToString();
            shown.Append(part);
        }

        return shown.ToString();
    }

    /// <summary>A value as it is shown: the text of a string, the JSON of anything else.</summary>
    private static string Shown(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && SpecField.TryText(value, out var text) ? text : value.GetRawText();
}
