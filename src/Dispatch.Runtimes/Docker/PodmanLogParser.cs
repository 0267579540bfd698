namespace Dispatch.Runtimes.Docker;

/// <summary>
/// Turns Podman's log file (<c>k8s-file</c>) back into the bytes that were written. Each record is <c>time stream tag bytes</c> and a newline; with tag
/// <c>F</c> the newline was written by the container too, with <c>P</c> it was not.
/// </summary>
internal sealed class PodmanLogParser
{
    /// <summary>Most bytes of one record; the engine writes at most 8 KiB of output in one.</summary>
    public const int RecordBytesMax = 128 << 10;

    private readonly List<(OutputStream Stream, int Start, int Length)> _pieces = [];
    private byte[] _held = [];
    private int _heldBytes;
    private byte[] _output = [];
    private int _outputBytes;

    /// <summary>Takes the next bytes of the file. A record that is not whole yet is kept for the next call.</summary>
    /// <param name="block">Bytes of the file, in order.</param>
    /// <returns>The output in them, in order; valid until the next call.</returns>
    /// <exception cref="InvalidDataException">These are not records.</exception>
    public IEnumerable<(OutputStream Stream, ReadOnlyMemory<byte> Bytes)> Take(ReadOnlySpan<byte> block)
    {
        if (_held.Length < _heldBytes + block.Length)
            Array.Resize(ref _held, _heldBytes + block.Length);
        block.CopyTo(_held.AsSpan(_heldBytes));
        _heldBytes += block.Length;
        if (_output.Length < _heldBytes)
            _output = new byte[_heldBytes];
        _outputBytes = 0;
        _pieces.Clear();

        var rest = _held.AsSpan(0, _heldBytes);
        while (rest.IndexOf((byte)'\n') is var end and >= 0)
        {
            Read(rest[..(end + 1)]);
            rest = rest[(end + 1)..];
        }

        if (rest.Length > RecordBytesMax)
            throw new InvalidDataException($"Podman's log has a record of more than {RecordBytesMax} bytes; it is not of the driver k8s-file.");
        _heldBytes = rest.Length;
        rest.CopyTo(_held);
        return _pieces.Select(piece => (piece.Stream, (ReadOnlyMemory<byte>)_output.AsMemory(piece.Start, piece.Length)));
    }

    private void Read(ReadOnlySpan<byte> record)
    {
        var time = record.IndexOf((byte)' ');
        var rest = time < 0 ? default : record[(time + 1)..];
        // stdout F x: the stream, a blank, the tag, a blank, the bytes, the newline.
        OutputStream? stream = rest.StartsWith("stdout "u8) ? OutputStream.Stdout : rest.StartsWith("stderr "u8) ? OutputStream.Stderr : null;
        if (stream is null || rest.Length < 10 || rest[8] != ' ' || rest[7] is not ((byte)'F' or (byte)'P'))
            throw new InvalidDataException("Podman's log has a line that is no record of the driver k8s-file.");

        var bytes = rest[7] == 'F' ? rest[9..] : rest[9..^1];
        bytes.CopyTo(_output.AsSpan(_outputBytes));
        if (_pieces.Count > 0 && _pieces[^1] is var last && last.Stream == stream)
            _pieces[^1] = last with { Length = last.Length + bytes.Length };
        else
            _pieces.Add((stream.Value, _outputBytes, bytes.Length));
        _outputBytes += bytes.Length;
    }
}
