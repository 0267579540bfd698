using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Docker.DotNet;

namespace Dispatch.Runtimes.Docker;

/// <summary>
/// A container's output over a connection of its own, attached to its streams or out of the engine's log. The client library would first inspect the container,
/// for whether it has a terminal; those made here have none. And it does not tell where a frame ends.
/// </summary>
/// <remarks>Output comes in frames: one byte for the stream (1 output, 2 error), three of nothing, four of length, the most significant first.</remarks>
internal sealed class EngineStream : IDisposable
{
    /// <summary>Most bytes of an answer's head, and of a refusal's text.</summary>
    internal const int AnswerBytesMax = 32 * 1024;

    private const int FrameHeadBytes = 8;
    private const int TimeBytesMax = 40;
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket;
    private readonly LeftOutNewlines? _newlines;
    private readonly byte[] _buffer = new byte[AnswerBytesMax];
    private int _from;
    private int _to;
    private OutputStream? _stream;
    private long _left;

    private EngineStream(Socket socket, LeftOutNewlines? newlines) => (_socket, _newlines) = (socket, newlines);

    /// <summary>Attaches.</summary>
    /// <param name="engine">The engine's address: <c>unix</c> or <c>http</c>.</param>
    /// <param name="containerId">The container's id.</param>
    /// <param name="takesInput">Whether to attach to its input too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The attachment.</returns>
    /// <exception cref="DockerApiException">The engine refuses.</exception>
    public static Task<EngineStream> AttachAsync(Uri engine, string containerId, bool takesInput, CancellationToken cancellationToken) => OpenAsync(
        engine, $"POST /containers/{Uri.EscapeDataString(containerId)}/attach?stream=1&stdin={(takesInput ? 1 : 0)}&stdout=1&stderr=1 HTTP/1.1",
        "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0", null, cancellationToken);

    /// <summary>Reads the engine's log from its beginning.</summary>
    /// <param name="engine">The engine's address: <c>unix</c> or <c>http</c>.</param>
    /// <param name="containerId">The container's id.</param>
    /// <param name="follow">Whether to go on with what is to come.</param>
    /// <param name="newlines">Puts back what the engine leaves out; null where it leaves nothing out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The log.</returns>
    /// <exception cref="DockerApiException">The engine refuses.</exception>
    // Version 1.0, so that the answer is nothing but the frames. With times, so that a piece without a byte has a frame too.
    public static Task<EngineStream> ReadLogAsync(Uri engine, string containerId, bool follow, LeftOutNewlines? newlines, CancellationToken cancellationToken) => OpenAsync(
        engine, $"GET /containers/{Uri.EscapeDataString(containerId)}/logs?stdout=1&stderr=1&tail=all&follow={(follow ? 1 : 0)}&timestamps={(newlines is null ? 0 : 1)} HTTP/1.0", "Connection: close", newlines, cancellationToken);

    /// <summary>Whether the engine has sent nothing since it answered, and has not ended the connection.</summary>
    public bool IsQuiet => _from == _to && !_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    /// <summary>Reads the next bytes of output.</summary>
    /// <param name="into">Takes them.</param>
    /// <param name="cancellationToken">Gives up; the stream is of no use any more.</param>
    /// <returns>How many, 0 at the end, and of which stream: null where of neither.</returns>
    /// <exception cref="IOException">The connection ended in the middle of a frame.</exception>
    public async ValueTask<(OutputStream? Stream, int Count)> ReadAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        while (_left == 0)
        {
            if (!await HasAsync(FrameHeadBytes, cancellationToken).ConfigureAwait(false))
                return _to == _from ? (null, 0) : throw new EndOfStreamException("The output ended within the head of a frame.");
            _stream = _buffer[_from] switch { 1 => OutputStream.Stdout, 2 => OutputStream.Stderr, _ => null };
            _left = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_from + 4));
            _from += FrameHeadBytes;
            if (_newlines is null || _stream is not { } begun)
                continue;
            await SkipTimeAsync(cancellationToken).ConfigureAwait(false);
            if (_newlines.BeginFrame(begun, _left))
            {
                into.Span[0] = (byte)'\n';
                return (begun, 1);
            }
        }

        if (!await HasAsync(1, cancellationToken).ConfigureAwait(false))
            throw new EndOfStreamException($"The output ended {_left} bytes before the end of a frame.");
        var count = (int)Math.Min(Math.Min(_left, _to - _from), into.Length);
        _buffer.AsMemory(_from, count).CopyTo(into);
        _from += count;
        _left -= count;
        if (_left == 0 && _stream is { } whole)
            _newlines?.EndFrame(whole, into.Span[count - 1]);
        return (_stream, count);
    }

    /// <summary>Gives bytes to the container's input.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
    }

    /// <summary>Ends the container's input; its output goes on.</summary>
    public void CloseInput() => _socket.Shutdown(SocketShutdown.Send);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static async Task<EngineStream> OpenAsync(Uri engine, string request, string headers, LeftOutNewlines? newlines, CancellationToken cancellationToken)
    {
        var isLocal = engine.Scheme == "unix";
        var socket = isLocal ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        var stream = new EngineStream(socket, newlines);
        try
        {
            EndPoint place = isLocal ? new UnixDomainSocketEndPoint(engine.LocalPath) : new DnsEndPoint(engine.IdnHost, engine.Port);
            await socket.ConnectAsync(place, cancellationToken).ConfigureAwait(false);
            var head = $"{request}\r\nHost: {(isLocal ? "localhost" : engine.Authority)}\r\n{headers}\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken).ConfigureAwait(false);
            await stream.ReadAnswerAsync(cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Passes over the time and the blank that a frame of the log begins with.</summary>
    private async ValueTask SkipTimeAsync(CancellationToken cancellationToken)
    {
        var most = (int)Math.Min(_left, TimeBytesMax);
        if (!await HasAsync(most, cancellationToken).ConfigureAwait(false))
            throw new EndOfStreamException("The output ended within the time of a frame.");
        var time = _buffer.AsSpan(_from, most).IndexOf((byte)' ') + 1;
        if (time == 0)
            throw new IOException("A frame of the engine's log does not begin with a time.");
        _from += time;
        _left -= time;
    }

    private async Task ReadAnswerAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(_from, _to - _from).IndexOf(HeadEnd)) < 0)
        {
            if (!await HasAsync(_to - _from + 1, cancellationToken).ConfigureAwait(false))
                throw new EndOfStreamException("The engine ended the connection instead of answering.");
        }

        var lines = Encoding.ASCII.GetString(_buffer, _from, end).Split("\r\n");
        _from += end + HeadEnd.Length;
        if (lines[0].Split(' ') is not [_, var code, ..] || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            throw new IOException($"The engine answers '{lines[0]}', which is no HTTP.");
        if (status is (int)HttpStatusCode.SwitchingProtocols or (int)HttpStatusCode.OK)
            return;

        // A refusal says how long it is, or ends with the connection.
        var length = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.TryParse(line.AsSpan("Content-Length:".Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : AnswerBytesMax)
            .FirstOrDefault(AnswerBytesMax);
        await HasAsync(Math.Min(length, _buffer.Length - _from), cancellationToken).ConfigureAwait(false);
        throw new DockerApiException((HttpStatusCode)status, Encoding.UTF8.GetString(_buffer, _from, _to - _from));
    }

    /// <summary>Whether so many bytes are, or come to be, in the buffer; false where the connection ends before.</summary>
    private async ValueTask<bool> HasAsync(int count, CancellationToken cancellationToken)
    {
        if (count > _buffer.Length)
            throw new IOException($"The head of the engine's answer has more than {_buffer.Length} bytes.");
        while (_to - _from < count)
        {
            if (_from > 0)
            {
                Buffer.BlockCopy(_buffer, _from, _buffer, 0, _to - _from);
                (_from, _to) = (0, _to - _from);
            }

            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_to), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return false;
            _to += read;
        }

        return true;
    }
}
