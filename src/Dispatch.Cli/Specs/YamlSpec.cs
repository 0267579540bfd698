using System.Globalization;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Dispatch.Cli.Specs;

/// <summary>Turns YAML into JSON: scalars under env, labels and arguments stay the text they are.</summary>
internal static class YamlSpec
{
    /// <summary>The deepest nesting.</summary>
    internal const int DepthMax = 32;

    /// <summary>Aliases may make a small file large: the JSON is at most what a file may be.</summary>
    private const int JsonBytesMax = SpecFile.FileBytesMax;

    private static readonly string[] TextFields = ["env", "labels", "command", "args", "process", "values", "worker", "user", "stdin", "name", "owner"];

    /// <summary>Turns a file's bytes, UTF-8, into JSON.</summary>
    public static byte[] ToJson(byte[] bytes, string path)
    {
        var text = Encoding.UTF8.GetString(bytes);
        CheckDepth(text, path);
        var yaml = new YamlStream();
        Parsed(text, path, parser =>
        {
            yaml.Load(parser);
            return true;
        });
        if (yaml.Documents.Count != 1)
            throw CliException.Spec(path, $"holds {yaml.Documents.Count} YAML documents; write exactly one");

        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, yaml.Documents[0].RootNode, asText: false, path, depth: 0);
        return buffer.ToArray();
    }

    /// <summary>Before nodes are made, which takes stack for each level.</summary>
    private static void CheckDepth(string text, string path) => Parsed(text, path, parser =>
    {
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DepthMax + 2)
                throw TooDeep(path, parser.Current.Start);
        }

        return true;
    });

    private static void Parsed(string text, string path, Func<IParser, bool> parse)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parse(parser);
        }
        catch (YamlException e)
        {
            throw Broken(path, e.Start, e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The scanner's way of losing its place, such as in a list that is not closed.
            throw Broken(path, parser.Current?.End ?? Mark.Empty, "what follows cannot be read; a bracket, brace or quote may not be closed");
        }
    }

    private static CliException Broken(string path, Mark at, string what) =>
        CliException.Spec(path, $"this is neither JSON nor YAML: {Place(at)}: {what.TrimEnd('.')}. Correct it there.");

    private static CliException TooDeep(string path, Mark at) => CliException.Spec(path, $"{Place(at)}: is nested deeper than {DepthMax} levels; a spec needs five");

    private static string Place(Mark at) => string.Create(CultureInfo.InvariantCulture, $"line {at.Line}, column {at.Column}");

    private static void Write(Utf8JsonWriter json, YamlNode node, bool asText, string path, int depth)
    {
        if (depth > DepthMax)
            throw TooDeep(path, node.Start);
        if (json.BytesCommitted + json.BytesPending > JsonBytesMax)
            throw CliException.Spec(path, $"{Place(node.Start)}: its aliases make it larger than {JsonBytesMax} bytes; a job spec is at most 256 KiB");
        switch (node)
        {
            case YamlMappingNode map:
                json.WriteStartObject();
                foreach (var (key, value) in map.Children)
                {
                    var name = key is YamlScalarNode scalar ? scalar.Value ?? "" : throw CliException.Spec(path, $"{Place(key.Start)}: a name must be plain text");
                    json.WritePropertyName(name);
                    Write(json, value, asText || TextFields.Contains(name), path, depth + 1);
                }

                json.WriteEndObject();
                break;
            case YamlSequenceNode list:
                json.WriteStartArray();
                foreach (var item in list.Children)
                    Write(json, item, asText, path, depth + 1);
                json.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                WriteScalar(json, scalar, asText);
                break;
            default:
                throw CliException.Spec(path, $"{Place(node.Start)}: this alias names nothing; write the value out");
        }
    }

    private static void WriteScalar(Utf8JsonWriter json, YamlScalarNode scalar, bool asText)
    {
        var text = scalar.Value ?? "";
        if (asText || scalar.Style != ScalarStyle.Plain)
            json.WriteStringValue(text);
        else if (text is "" or "~" or "null" or "Null" or "NULL")
            json.WriteNullValue();
        else if (text is "true" or "True" or "TRUE")
            json.WriteBooleanValue(true);
        else if (text is "false" or "False" or "FALSE")
            json.WriteBooleanValue(false);
        else if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            json.WriteNumberValue(number);
        else
            json.WriteStringValue(text);
    }
}
