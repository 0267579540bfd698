using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Docker.DotNet;

namespace Dispatch.Runtimes.Docker;

/// <summary>
/// An attachment to a container's streams, over a connection of its own. The client library's would first inspect the container, for whether it has a
/// terminal; those made here have none.
/// </summary>
/// <remarks>Output comes in frames: one byte for the stream (1 output, 2 error), three of nothing, four of length, the most significant first.</remarks>
internal sealed class EngineAttachment : IDisposable
{
    /// <summary>Most bytes of an answer's head, and of a refusal's text.</summary>
    internal const int AnswerBytesMax = 32 * 1024;

    private const int FrameHeadBytes = 8;
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[AnswerBytesMax];
    private int _from;
    private int _to;
    private OutputStream? _stream;
    private long _left;

    private EngineAttachment(Socket socket) => _socket = socket;

    /// <summary>Attaches.</summary>
    /// <param name="engine">The engine's address: <c>unix</c> or <c>http</c>.</param>
    /// <param name="containerId">The container's id.</param>
    /// <param name="takesInput">Whether to attach to its input too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The attachment.</returns>
    /// <exception cref="DockerApiException">The engine refuses.</exception>
    public static async Task<EngineAttachment> OpenAsync(Uri engine, string containerId, bool takesInput, CancellationToken cancellationToken)
    {
        var isLocal = engine.Scheme == "unix";
        var socket = isLocal ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        var attachment = new EngineAttachment(socket);
        try
        {
            EndPoint place = isLocal ? new UnixDomainSocketEndPoint(engine.LocalPath) : new DnsEndPoint(engine.IdnHost, engine.Port);
            await socket.ConnectAsync(place, cancellationToken).ConfigureAwait(false);
            var request = $"POST /containers/{Uri.EscapeDataString(containerId)}/attach?stream=1&stdin={(takesInput ? 1 : 0)}&stdout=1&stderr=1 HTTP/1.1\r\n"
                + $"Host: {(isLocal ? "localhost" : engine.Authority)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n";
            await attachment.WriteAsync(Encoding.ASCII.GetBytes(request), cancellationToken).ConfigureAwait(false);
            await attachment.ReadAnswerAsync(cancellationToken).ConfigureAwait(false);
            return attachment;
        }
        catch
        {
            attachment.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next bytes of output.</summary>
    /// <param name="into">Takes them.</param>
    /// <param name="cancellationToken">Gives up; the attachment is of no use any more.</param>
    /// <returns>How many, 0 at the end, and of which stream: null where of neither.</returns>
    /// <exception cref="IOException">The connection ended in the middle of a frame.</exception>
    public async ValueTask<(OutputStream? Stream, int Count)> ReadAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        while (_left == 0)
        {
            if (!await HasAsync(FrameHeadBytes, cancellationToken).ConfigureAwait(false))
                return _to == _from ? (null, 0) : throw new EndOfStreamException("The attachment ended within the head of a frame.");
            _stream = _buffer[_from] switch { 1 => OutputStream.Stdout, 2 => OutputStream.Stderr, _ => null };
            _left = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_from + 4));
            _from += FrameHeadBytes;
        }

        if (!await HasAsync(1, cancellationToken).ConfigureAwait(false))
            throw new EndOfStreamException($"The attachment ended {_left} bytes before the end of a frame.");
        var count = (int)Math.Min(Math.Min(_left, _to - _from), into.Length);
        _buffer.AsMemory(_from, count).CopyTo(into);
        _from += count;
        _left -= count;
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

    private async Task ReadAnswerAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(_from, _to - _from).IndexOf(HeadEnd)) < 0)
        {
            if (!await HasAsync(_to - _from + 1, cancellationToken).ConfigureAwait(false))
                throw new EndOfStreamException("The engine ended the connection instead of attaching.");
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
