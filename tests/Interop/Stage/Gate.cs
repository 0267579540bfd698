using System.Net;
using System.Net.Sockets;

namespace Dispatch.Interop.Tests.Stage;

/// <summary>A way to the engine that can be cut: nothing passes any more, and nobody is told.</summary>
internal sealed class Gate : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _engine;
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _ways = [];
    private readonly Task _accepting;
    private CancellationTokenSource _open = new();
    private volatile bool _isOpen = true;

    public Gate(IPEndPoint engine)
    {
        _engine = engine;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Ends all connections and takes no more.</summary>
    public void Cut()
    {
        _isOpen = false;
        _open.Cancel();
    }

    /// <summary>Lets connections through again.</summary>
    public void Open()
    {
        if (_isOpen)
            return;
        _open.Dispose();
        _open = new();
        _isOpen = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _open.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_ways);
        _open.Dispose();
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_ended.Token);
                if (_isOpen)
                    _ways.Add(ForwardAsync(client, _open.Token));
                else
                    client.Dispose();
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException && _ended.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ForwardAsync(TcpClient client, CancellationToken cut)
    {
        using var from = client;
        using var to = new TcpClient { NoDelay = true };
        from.NoDelay = true;
        try
        {
            await to.ConnectAsync(_engine, cut);
            await Task.WhenAny(from.GetStream().CopyToAsync(to.GetStream(), cut), to.GetStream().CopyToAsync(from.GetStream(), cut));
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException)
        {
            // The way is cut, or one end has gone: both ends are closed below.
        }
    }
}
