using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Guard;

/// <summary>Answers workers on the data directory's socket.</summary>
internal sealed class GuardServer(Socket listener, ChildTable table, string limits, ILogger logger)
{
    /// <summary>Most connections at once; a worker has one.</summary>
    internal const int ConnectionsMax = 16;

    private static readonly TimeSpan AcceptAgainAfter = TimeSpan.FromMilliseconds(100);

    private int _connections;

    /// <summary>Whether anybody is connected.</summary>
    internal bool IsConnected => Volatile.Read(ref _connections) > 0;

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException error)
            {
                // Out of files, say: a guard that stopped listening would be replaced, and all it started with it.
                GuardLog.ConnectionBroken(logger, error.Message);
                await Task.Delay(AcceptAgainAfter, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (Interlocked.Increment(ref _connections) > ConnectionsMax)
            {
                Interlocked.Decrement(ref _connections);
                socket.Dispose();
                continue;
            }

            _ = ServeAsync(socket, cancellationToken);
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        var connection = new GuardConnection(socket, table, limits, logger);
        try
        {
            await connection.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                GuardLog.ConnectionBroken(logger, error.Message);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
