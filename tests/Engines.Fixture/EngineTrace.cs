using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Engines.Fixture;

/// <summary>Stands between a client and its container engine and notes every request: what is asked, when, and until when its answer came.</summary>
public sealed class EngineTrace : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("et").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<EngineRequest> _requests = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly string _engine;
    private readonly Task _accepting;

    /// <summary>Listens; connects to the engine for each client.</summary>
    /// <param name="engineSocketPath">The engine's socket.</param>
    public EngineTrace(string engineSocketPath)
    {
        _engine = engineSocketPath;
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Path of the socket that stands in for the engine's.</summary>
    public string SocketPath => Path.Combine(_folder, "s");

    /// <summary>What was asked since the last call, in order of asking; what is not answered yet is left out.</summary>
    /// <returns>The requests.</returns>
    public IReadOnlyList<EngineRequest> Take()
    {
        var taken = new List<EngineRequest>();
        while (_requests.TryDequeue(out var request))
            taken.Add(request);
        return [.. taken.Where(request => request.AnsweredAt is not null).OrderBy(request => request.AskedAt)];
    }

    /// <summary>Cuts all connections.</summary>
    /// <returns>A task that ends when nobody is served any more.</returns>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var socket in _open.Keys)
            socket.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AcceptAsync()
    {
        while (true)
            _ = CarryAsync(await _listener.AcceptAsync());
    }

    private async Task CarryAsync(Socket client)
    {
        using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _open[client] = _open[engine] = true;
        try
        {
            await engine.ConnectAsync(new UnixDomainSocketEndPoint(_engine));
            EngineRequest? current = null;
            await Task.WhenAll(
                PassAsync(client, engine, bytes =>
                {
                    // A connection takes one request after the other; what comes before an answer belongs to the request under way.
                    if (current is null or { AnsweredAt: not null, Upgrades: false })
                        _requests.Enqueue(current = EngineRequest.Read(Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, EngineRequest.LineBytesMax)])));
                }),
                PassAsync(engine, client, _ => current?.Answer()));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // One of the two sides has ended.
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(engine, out _);
            client.Dispose();
        }
    }

    private static async Task PassAsync(Socket from, Socket to, Action<ReadOnlySpan<byte>> see)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReceiveAsync(buffer) is var read and > 0)
        {
            see(buffer.AsSpan(0, read));
            await to.SendAsync(buffer.AsMemory(0, read));
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
