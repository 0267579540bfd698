using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dispatch.Conformance;

/// <summary>The values of a replay's symbols: <c>${run.1}</c> is bound where it is first seen and the same ever after.</summary>
internal sealed partial class Bindings
{
    private const string Utf8 = "utf8!";
    private const string Fill = "fill!";
    private const string Identifier = "[0-9A-Za-z-]+";
    private const string Timestamp = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z";

    /// <summary>Some stores keep milliseconds only.</summary>
    private const double RoundingSeconds = 0.002;

    private readonly Dictionary<string, string> values;

    public Bindings(string nonce) => values = new Dictionary<string, string> { ["n"] = nonce };

    private Bindings(Bindings other) => values = new Dictionary<string, string>(other.values);

    public Bindings Copy() => new(this);

    /// <summary>A text with its symbols replaced.</summary>
    /// <exception cref="UnboundSymbolException">A symbol has no value yet.</exception>
    public string Filled(string template) => Hole().Replace(template, hole =>
        values.TryGetValue(hole.Groups[1].Value, out var value) ? value : throw new UnboundSymbolException(hole.Value));

    /// <summary>A text with those symbols replaced that have a value, for showing.</summary>
    public string Shown(string template) =>
        Hole().Replace(template, hole => values.GetValueOrDefault(hole.Groups[1].Value, hole.Value));

    /// <summary>A request with its symbols replaced and its abbreviated bytes written out.</summary>
    public JsonNode? Filled(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(item => KeyValuePair.Create(Filled(item.Key), Filled(item.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Filled)]),
        JsonValue value when value.TryGetValue<string>(out var text) => WrittenOut(Filled(text)),
        _ => node?.DeepClone(),
    };

    /// <summary>Whether an actual text is what a template stands for; binds the symbols it sees for the first time.</summary>
    public bool Matches(string template, string actual)
    {
        if (template.StartsWith(Utf8, StringComparison.Ordinal))
        {
            return TryClear(actual, out var clear) && Matches(template[Utf8.Length..], clear);
        }

        if (!template.Contains("${", StringComparison.Ordinal))
        {
            return template == actual;
        }

        var whole = Hole().Match(template);
        if (whole.Success && whole.Length == template.Length)
        {
            var name = whole.Groups[1].Value;
            if (name.StartsWith("about:", StringComparison.Ordinal))
            {
                return IsAbout(name.Split(':'), actual);
            }

            if (name.Contains('.', StringComparison.Ordinal))
            {
                return Regex.IsMatch(actual, $"^(?:{Shape(name)})$", RegexOptions.Singleline) && Bind(name, actual);
            }
        }

        return MatchesParts(template, actual);
    }

    /// <summary>An RFC 3339 timestamp in seconds since the epoch.</summary>
    public static double Seconds(string timestamp)
    {
        var parts = timestamp.TrimEnd('Z').Split('.');
        var moment = DateTime.ParseExact(parts[0], "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        var fraction = parts.Length > 1 ? double.Parse("0." + parts[1], CultureInfo.InvariantCulture) : 0;
        return (moment - DateTime.UnixEpoch).TotalSeconds + fraction;
    }

    private static bool IsAbout(string[] parts, string actual) =>
        Regex.IsMatch(actual, @"^-?[\d.]+s$") && Math.Abs(Size(actual) - Size(parts[1])) <= Size(parts[2]);

    private static double Size(string duration) => double.Parse(duration.TrimEnd('s'), CultureInfo.InvariantCulture);

    private static string Shape(string name) => Kind(name) switch
    {
        "run" or "uuid" => Identifier,
        "t" or "time" => Timestamp,
        _ => ".+",
    };

    private static string Kind(string name) => name.Split('.')[0];

    private static bool IsExclusive(string name) => Kind(name) is "run" or "uuid";

    private static bool TryClear(string base64, out string clear)
    {
        var bytes = new byte[base64.Length];
        var isBase64 = Convert.TryFromBase64String(base64, bytes, out var length);
        clear = isBase64 ? Encoding.UTF8.GetString(bytes, 0, length) : "";
        return isBase64;
    }

    private static string WrittenOut(string text)
    {
        if (text.StartsWith(Utf8, StringComparison.Ordinal))
        {
            return Convert.ToBase64String(Encoding.UTF8.GetBytes(text[Utf8.Length..]));
        }

        if (!text.StartsWith(Fill, StringComparison.Ordinal))
        {
            return text;
        }

        var parts = text.Split('!');
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(
            new string(parts[1][0], int.Parse(parts[2], CultureInfo.InvariantCulture))));
    }

    private bool MatchesParts(string template, string actual)
    {
        var pattern = new StringBuilder("^");
        var fresh = new List<string>();
        var last = 0;
        foreach (Match hole in Hole().Matches(template))
        {
            pattern.Append(Regex.Escape(template[last..hole.Index]));
            last = hole.Index + hole.Length;
            var name = hole.Groups[1].Value;
            if (values.TryGetValue(name, out var value))
            {
                pattern.Append(Regex.Escape(value));
                continue;
            }

            fresh.Add(name);
            var shape = Shape(name);
            pattern.Append('(').Append(shape == ".+" ? ".+?" : shape).Append(')');
        }

        pattern.Append(Regex.Escape(template[last..])).Append('$');
        var found = Regex.Match(actual, pattern.ToString(), RegexOptions.Singleline);
        return found.Success
            && fresh.Select((name, index) => (name, found.Groups[index + 1].Value))
                .Where(item => item.name.Contains('.', StringComparison.Ordinal))
                .All(item => Bind(item.name, item.Value));
    }

    private bool Bind(string name, string value)
    {
        if (values.TryGetValue(name, out var known))
        {
            return known == value
                || (Kind(name) == "t" && Math.Abs(Seconds(known) - Seconds(value)) <= RoundingSeconds);
        }

        if (IsExclusive(name) && values.Any(item => IsExclusive(item.Key) && item.Value == value))
        {
            return false;
        }

        values[name] = value;
        return true;
    }

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Hole();
}
