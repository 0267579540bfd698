using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Dispatch.Contracts;

/// <summary>Writes JSON of which every byte is fixed by this code alone: no blanks, members in the order written, only what JSON demands escaped.</summary>
/// <remarks>Digests and byte comparisons of histories stand on it, so it leans on no library's escaping. Halves of surrogate pairs become U+FFFD.</remarks>
internal sealed class CanonicalJson
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private bool _needsComma;

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public CanonicalJson BeginObject() => Begin((byte)'{');

    public CanonicalJson EndObject() => End((byte)'}');

    public CanonicalJson BeginList() => Begin((byte)'[');

    public CanonicalJson EndList() => End((byte)']');

    public CanonicalJson Name(string name)
    {
        Comma();
        Quote(name);
        Put((byte)':');
        _needsComma = false;
        return this;
    }

    public CanonicalJson Text(string text)
    {
        Comma();
        Quote(text);
        return this;
    }

    public CanonicalJson Truth(bool value) => Raw(value ? "true"u8 : "false"u8);

    public CanonicalJson Whole(long value)
    {
        Span<byte> digits = stackalloc byte[24];
        Utf8Formatter.TryFormat(value, digits, out var length);
        return Raw(digits[..length]);
    }

    /// <summary>A decimal without trailing zeros.</summary>
    public CanonicalJson Number(decimal value) => Raw(Encoding.ASCII.GetBytes(Trimmed(value)));

    /// <summary>The shortest digits that read back as the same number.</summary>
    public CanonicalJson Number(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "JSON has no such number.");
        return Raw(Encoding.ASCII.GetBytes(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>Bytes that a text takes between its quotes.</summary>
    public static int EncodedBytes(Rune rune) => rune.Value switch
    {
        '"' or '\\' or '\n' or '\r' or '\t' => 2,
        < 0x20 => 6,
        _ => rune.Utf8SequenceLength,
    };

    public static int EncodedBytes(string text)
    {
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
            bytes += EncodedBytes(rune);
        return bytes;
    }

    private static string Trimmed(decimal value)
    {
        var text = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    private CanonicalJson Begin(byte bracket)
    {
        Comma();
        Put(bracket);
        _needsComma = false;
        return this;
    }

    private CanonicalJson End(byte bracket)
    {
        Put(bracket);
        _needsComma = true;
        return this;
    }

    private CanonicalJson Raw(ReadOnlySpan<byte> bytes)
    {
        Comma();
        _bytes.Write(bytes);
        return this;
    }

    private void Comma()
    {
        if (_needsComma)
            Put((byte)',');
        _needsComma = true;
    }

    private void Put(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    private void Quote(string text)
    {
        Put((byte)'"');
        foreach (var rune in text.EnumerateRunes())
            PutEscaped(rune);
        Put((byte)'"');
    }

    private void PutEscaped(Rune rune)
    {
        switch (rune.Value)
        {
            case '"':
                _bytes.Write("\\\""u8);
                break;
            case '\\':
                _bytes.Write("\\\\"u8);
                break;
            case '\n':
                _bytes.Write("\\n"u8);
                break;
            case '\r':
                _bytes.Write("\\r"u8);
                break;
            case '\t':
                _bytes.Write("\\t"u8);
                break;
            case < 0x20:
                _bytes.Write("\\u00"u8);
                Put((byte)(rune.Value < 0x10 ? '0' : '1'));
                Put((byte)"0123456789abcdef"[rune.Value & 0xF]);
                break;
            default:
                _bytes.Advance(rune.EncodeToUtf8(_bytes.GetSpan(4)));
                break;
        }
    }
}
