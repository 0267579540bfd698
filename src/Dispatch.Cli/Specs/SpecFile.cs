using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Dispatch.Cli.Specs;

/// <summary>Reads a spec file, JSON or YAML, into the JSON that is submitted. It judges nothing but the file's syntax: the strict reader does.</summary>
internal static class SpecFile
{
    /// <summary>A file larger than this is not read; a spec is at most 256 KiB of JSON.</summary>
    internal const int FileBytesMax = 1 << 20;

    private static readonly string[] TextFields = ["env", "labels", "command", "args", "process", "values", "worker", "user", "stdin", "name", "owner"];

    /// <summary>Reads a file, or standard input for <c>-</c>.</summary>
    public static byte[] Read(string path)
    {
        using var source = path == "-" ? Console.OpenStandardInput() : Open(path);
        var bytes = ReadBounded(source, path);
        return LooksLikeJson(bytes) ? bytes : FromYaml(bytes, path);
    }

    /// <summary>Turns YAML into JSON: scalars under env, labels and arguments stay the text they are.</summary>
    internal static byte[] FromYaml(byte[] bytes, string path)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true)));
        }
        catch (Exception e) when (e is YamlException or DecoderFallbackException)
        {
            throw new CliException($"InvalidJobSpec: {path}: this is neither JSON nor YAML: {e.Message}");
        }

        if (yaml.Documents.Count != 1)
            throw new CliException($"InvalidJobSpec: {path}: holds {yaml.Documents.Count} YAML documents; write exactly one");

        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, yaml.Documents[0].RootNode, asText: false, path, depth: 0);
        return buffer.ToArray();
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path}: cannot be read: {e.Message}");
        }
    }

    private static byte[] ReadBounded(Stream source, string path)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        int count;
        while ((count = source.Read(chunk)) > 0)
        {
            buffer.Write(chunk, 0, count);
            if (buffer.Length > FileBytesMax)
                throw new CliException($"InvalidJobSpec: {path}: is larger than {FileBytesMax} bytes; a job spec is at most 256 KiB");
        }

        return buffer.ToArray();
    }

    private static bool LooksLikeJson(byte[] bytes)
    {
        var first = bytes.AsSpan().TrimStart(" \t\r\n"u8);
        return first.Length > 0 && (first[0] == '{' || first[0] == '[') && !IsFlowYaml(first);
    }

    /// <summary>A YAML flow mapping also begins with a brace; JSON names are quoted.</summary>
    private static bool IsFlowYaml(ReadOnlySpan<byte> bytes)
    {
        var second = bytes[1..].TrimStart(" \t\r\n"u8);
        return second.Length > 0 && bytes[0] == '{' && second[0] != '"' && second[0] != '}';
    }

    private static void Write(Utf8JsonWriter json, YamlNode node, bool asText, string path, int depth)
    {
        if (depth > 32)
            throw new CliException($"InvalidJobSpec: {path}: is nested deeper than 32 levels");
        switch (node)
        {
            case YamlMappingNode map:
                json.WriteStartObject();
                foreach (var (key, value) in map.Children)
                {
                    var name = key is YamlScalarNode scalar ? scalar.Value ?? "" : throw new CliException($"InvalidJobSpec: {path}: line {key.Start.Line}: a name must be plain text");
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
                throw new CliException($"InvalidJobSpec: {path}: line {node.Start.Line}: aliases are not supported here; write the value out");
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
        else if (decimal.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign | System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var number))
            json.WriteNumberValue(number);
        else
            json.WriteStringValue(text);
    }
}
