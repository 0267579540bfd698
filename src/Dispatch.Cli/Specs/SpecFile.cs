using Dispatch.Contracts.Jobs;

namespace Dispatch.Cli.Specs;

/// <summary>Reads a spec file, JSON or YAML, into the JSON that is submitted. It judges nothing but the file's syntax: the strict reader does.</summary>
internal static class SpecFile
{
    /// <summary>A file larger than this is not read; a spec is at most 256 KiB of JSON.</summary>
    internal const int FileBytesMax = 1 << 20;

    /// <summary>Reads a file, or standard input for <c>-</c>.</summary>
    public static byte[] Read(string path)
    {
        using var source = path == "-" ? Console.OpenStandardInput() : Open(path);
        return ToJson(ReadBounded(source, path), path);
    }

    /// <summary>The JSON that a file's bytes say.</summary>
    internal static byte[] ToJson(byte[] bytes, string path) =>
        JobSpecReader.EncodingFault(bytes) is { } fault ? throw CliException.Spec(path, fault)
        : LooksLikeJson(bytes) ? bytes
        : YamlSpec.ToJson(bytes, path);

    private static FileStream Open(string path)
    {
        if (Directory.Exists(path))
            throw new CliException($"{path}: is a folder; name a spec file");
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
                throw CliException.Spec(path, $"is larger than {FileBytesMax} bytes; a job spec is at most 256 KiB");
        }

        return buffer.ToArray();
    }

    private static bool LooksLikeJson(byte[] bytes)
    {
        var first = bytes.AsSpan().TrimStart(" \t\r\n"u8);
        return first.Length == 0 || ((first[0] == '{' || first[0] == '[') && !IsFlowYaml(first));
    }

    /// <summary>A YAML flow mapping also begins with a brace; JSON names are quoted.</summary>
    private static bool IsFlowYaml(ReadOnlySpan<byte> bytes)
    {
        var second = bytes[1..].TrimStart(" \t\r\n"u8);
        return second.Length > 0 && bytes[0] == '{' && second[0] != '"' && second[0] != '}';
    }
}
