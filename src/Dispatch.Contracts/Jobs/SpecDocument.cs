using System.Text.Json;
using System.Text.Unicode;

namespace Dispatch.Contracts.Jobs;

/// <summary>Opens the JSON of a spec, or says why it is none and where.</summary>
internal static class SpecDocument
{
    private const int DepthMax = 64;

    public static JsonDocument? Open(ReadOnlyMemory<byte> utf8Json, SpecErrors errors)
    {
        var bytes = utf8Json.Span;
        if (bytes.Length > SpecLimits.DocumentBytes)
            return Refuse(errors, $"The spec has {bytes.Length:N0} bytes, more than {SpecLimits.DocumentBytes:N0} (256 KiB); pass big data by files or mounts.");
        if (bytes.StartsWith("\uFEFF"u8))
            return Refuse(errors, "The spec begins with a byte order mark; save it as UTF-8 without one.");
        if (bytes.Trim(" \t\r\n"u8).IsEmpty)
            return Refuse(errors, "The spec is empty; give a JSON object with image or process, such as {\"image\":\"alpine:3.20\"}.");
        if (EncodingFault(bytes) is { } fault)
            return Refuse(errors, fault);
        try
        {
            return JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = DepthMax });
        }
        catch (JsonException broken)
        {
            var where = $"line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1} of that line";
            return Refuse(errors, EndsTooEarly(bytes)
                ? $"The JSON ends too early, at {where}: a string, list or object is not closed. Send the whole document."
                : $"The spec is no JSON: it breaks at {where}. Correct it there.");
        }
    }

    /// <summary>Why bytes are not UTF-8, or null.</summary>
    public static string? EncodingFault(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? null : $"The spec is not UTF-8: the byte at offset {FirstInvalid(bytes)} begins no character; save it as UTF-8.";

    /// <summary>Whether everything that is there could be the beginning of a document.</summary>
    private static bool EndsTooEarly(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = DepthMax }));
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var offset = 0;
        while (System.Text.Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == System.Buffers.OperationStatus.Done)
            offset += length;
        return offset;
    }

    private static JsonDocument? Refuse(SpecErrors errors, string message)
    {
        errors.Add("", null, message);
        return null;
    }
}
