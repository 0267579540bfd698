using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Dispatch.Runtimes.Tests.Engines;

/// <summary>Stands between a runtime and its engine, to cut connections and to swallow answers.</summary>
internal sealed class SocketProxy : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dp").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<Connection, string> _connections = new();
    private readonly string _target;
    private readonly Task _accepting;

    public SocketProxy(string targetSocketPath)
    {
        _target = targetSocketPath;
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public Uri Endpoint => new($"unix://{SocketPath}");

    /// <summary>While true, new connections get no answer.</summary>
    public bool Silent { get; set; }

    private string SocketPath => Path.Combine(_folder, "s");

    /// <summary>Cuts the open connections whose request line contains a text. Returns how many.</summary>
    public int Cut(string part)
    {
        var cut = _connections.Where(pair => pair.Value.Contains(part, StringComparison.Ordinal)).Select(pair => pair.Key).ToList();
        cut.ForEach(connection => connection.Dispose());
        return cut.Count;
    }

    /// <summary>Lets the open connections whose request line contains a text say nothing more, without ending them. Returns how many.</summary>
    public int Stall(string part)
    {
        var stalled = _connections.Where(pair => pair.Value.Contains(part, StringComparison.Ordinal)).Select(pair => pair.Key).ToList();
        stalled.ForEach(connection => connection.Stalled = true);
        return stalled.Count;
    }

    /// <summary>How many open connections began with a request line that contains a text.</summary>
    public int CountOpen(string part) => _connections.Count(pair => pair.Value.Contains(part, StringComparison.Ordinal));

    /// <summary>How many open connections, whose request line contains a text, have got any answer.</summary>
    public int Answered(string part) => _connections.Count(pair => pair.Value.Contains(part, StringComparison.Ordinal) && pair.Key.IsAnswered);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Cut("");
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptAsync();
            _ = CarryAsync(client);
        }
    }

    private async Task CarryAsync(Socket client)
    {
        var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var connection = new Connection(client, engine);
        try
        {
            var buffer = new byte[64 * 1024];
            var read = await client.ReceiveAsync(buffer);
            _connections[connection] = Encoding.ASCII.GetString(buffer, 0, Math.Min(read, 200)).Split('\r')[0];
            if (Silent)
            {
                await connection.Cut;
                return;
            }

            await engine.ConnectAsync(new UnixDomainSocketEndPoint(_target));
            await engine.SendAsync(buffer.AsMemory(0, read));
            await Task.WhenAll(PassAsync(connection, client, engine), PassAsync(connection, engine, client));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Cut, here or by one of the two sides.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    private static async Task PassAsync(Connection connection, Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer) is var read && read > 0 && !connection.Stalled)
        {
            await to.SendAsync(buffer.AsMemory(0, read));
            connection.NoteFrom(from);
        }

        if (connection.Stalled)
            await connection.Cut;
        to.Shutdown(SocketShutdown.Send);
    }

    private sealed class Connection(Socket client, Socket engine) : IDisposable
    {
        private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether the engine has said anything.</summary>
        public bool IsAnswered { get; private set; }

        public Task Cut => _cut.Task;

        public bool Stalled { get; set; }

        public void NoteFrom(Socket side) => IsAnswered |= side == engine;

        public void Dispose()
        {
            client.Dispose();
            engine.Dispose();
            _cut.TrySetResult();
        }
    }
}
