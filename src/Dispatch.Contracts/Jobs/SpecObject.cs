using System.Text.Json;

namespace Dispatch.Contracts.Jobs;

/// <summary>One JSON object of a spec: its fields by name, doubles and names that are no text reported.</summary>
internal sealed class SpecObject
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly string _path;
    private readonly SpecErrors _errors;

    private SpecObject(string path, SpecErrors errors) => (_path, _errors) = (path, errors);

    /// <summary>The names, in the order of the document.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Reads an object with free names; null, and an error, where the value is none.</summary>
    public static SpecObject? Open(SpecField field)
    {
        if (field.Value.ValueKind != JsonValueKind.Object)
            return field.WrongType<SpecObject>("an object");
        var found = new SpecObject(field.Path, field.Errors);
        foreach (var property in field.Value.EnumerateObject())
            found.Take(property);
        return found;
    }

    /// <summary>Reads an object with known names; others are errors.</summary>
    public static SpecObject? Open(SpecField field, IReadOnlyList<string> known, IReadOnlyList<string>? notYet = null)
    {
        if (Open(field) is not { } found)
            return null;
        foreach (var name in found._names)
        {
            if (known.Contains(name, StringComparer.Ordinal))
                continue;
            var message = notYet is not null && notYet.Contains(name, StringComparer.Ordinal)
                ? "is not supported yet; leave it out."
                : $"is no field here.{NearestName.Hint(name, known)} Known: {string.Join(", ", known)}.";
            field.Errors.Add(found.PathOf(name), found._fields[name], message);
        }

        return found;
    }

    /// <summary>A field that is there, or null.</summary>
    public SpecField? Field(string name) =>
        _fields.TryGetValue(name, out var value) ? new SpecField(value, PathOf(name), _errors) : null;

    /// <summary>Reports a field that must be there and is not.</summary>
    public T? Missing<T>(string name, string message)
    {
        _errors.Add(PathOf(name), null, message);
        return default;
    }

    private string PathOf(string name)
    {
        var shown = SpecErrors.Shorten(name);
        return _path.Length == 0 ? shown : $"{_path}.{shown}";
    }

    private void Take(JsonProperty property)
    {
        string name;
        try
        {
            name = property.Name;
        }
        catch (InvalidOperationException)
        {
            // The reader's way of saying that an escape is half a surrogate pair.
            _errors.Add(_path, null, "has a field whose name holds half of a surrogate pair; write whole characters.");
            return;
        }

        if (_fields.TryAdd(name, property.Value))
            _names.Add(name);
        else
            _errors.Add(PathOf(name), property.Value, "stands here twice; keep one.");
    }
}
