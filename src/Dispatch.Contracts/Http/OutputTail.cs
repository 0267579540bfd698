using System.Text;
using Dispatch.Contracts.Logs;

namespace Dispatch.Contracts.Http;

/// <summary>The newest bytes of a stream, at most 1 MiB. Exactly one of <see cref="Text"/> and <see cref="Base64"/> is set.</summary>
public sealed record OutputTail
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes as text, where they are UTF-8.</summary>
    public string? Text { get; init; }

    /// <summary>The bytes in base64, where they are not.</summary>
    public string? Base64 { get; init; }

    /// <summary>Whether older output is not in it.</summary>
    public bool Truncated { get; init; }

    /// <summary>Bytes of the whole stream.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Makes the tail that is shown. A character that a cut has halved is left out.</summary>
    /// <param name="slice">The newest bytes, as the log store gave them.</param>
    /// <returns>The tail.</returns>
    public static OutputTail Of(LogSlice slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        var bytes = slice.TruncatedBefore ? slice.Bytes[Utf8Text.HalvedPrefix(slice.Bytes.Span)..] : slice.Bytes;
        var tail = new OutputTail { Truncated = slice.TruncatedBefore, TotalBytes = slice.Extent.Length };
        try
        {
            return tail with { Text = Strict.GetString(bytes.Span) };
        }
        catch (DecoderFallbackException)
        {
            return tail with { Base64 = Convert.ToBase64String(slice.Bytes.Span) };
        }
    }

    /// <summary>The bytes, whichever way they are written.</summary>
    /// <returns>Raw bytes.</returns>
    public byte[] ToBytes() => Base64 is null ? Strict.GetBytes(Text ?? "") : Convert.FromBase64String(Base64);
}
