using System.Text;

namespace Dispatch.Contracts.Logs;

/// <summary>Makes text of the bytes of one stream, piece by piece: a character that lies over two pieces stays one character.</summary>
/// <remarks>Bytes that are not UTF-8 become U+FFFD. One instance serves one stream; it is not for several threads.</remarks>
public sealed class Utf8Text
{
    private const int ContinuationBytesMax = 3;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _halvedLeft;

    /// <summary>Begins a stream.</summary>
    /// <param name="midStream">True where reading begins behind the stream's start: the rest of a character that was cut there is passed over.</param>
    public Utf8Text(bool midStream = false) => _halvedLeft = midStream ? ContinuationBytesMax : 0;

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">Bytes that follow the last ones.</param>
    /// <returns>The text that is whole by now; the begin of an unfinished character is kept for the next call.</returns>
    public string Append(ReadOnlySpan<byte> bytes)
    {
        while (_halvedLeft > 0 && bytes.Length > 0)
        {
            if (IsContinuation(bytes[0]))
            {
                bytes = bytes[1..];
                _halvedLeft--;
            }
            else
            {
                _halvedLeft = 0;
            }
        }

        return Decode(bytes, flush: false);
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>U+FFFD where it ended inside a character, else nothing.</returns>
    public string End() => Decode([], flush: true);

    /// <summary>How many bytes at the front are the rest of a character that began before them.</summary>
    /// <param name="bytes">Bytes from the middle of a text.</param>
    /// <returns>0 to 3; 0 too where more continuation bytes stand there than any character has.</returns>
    public static int HalvedPrefix(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (count < bytes.Length && IsContinuation(bytes[count]))
            count++;
        return count <= ContinuationBytesMax ? count : 0;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var chars = new char[_decoder.GetCharCount(bytes, flush)];
        var count = _decoder.GetChars(bytes, chars, flush);
        return new string(chars, 0, count);
    }
}
