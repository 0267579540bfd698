using System.Net.Sockets;

namespace Dispatch.Cli.Client;

/// <summary>
/// Sends each request to one of several servers that stand in for each other. Where none can be connected to, nothing was sent, and the next is tried at once; where an
/// answer breaks off, the caller decides whether to repeat, and that goes to the next.
/// </summary>
internal sealed class ServerChoice : DelegatingHandler
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<Uri> servers;
    private int current;

    /// <summary>Makes one.</summary>
    /// <param name="servers">The servers, at least one; the first is the one that requests are addressed to.</param>
    public ServerChoice(IReadOnlyList<Uri> servers)
        : this(servers, new SocketsHttpHandler { ConnectTimeout = ConnectWithin })
    {
    }

    /// <summary>Makes one over another way of sending.</summary>
    internal ServerChoice(IReadOnlyList<Uri> servers, HttpMessageHandler inner)
        : base(inner) => this.servers = servers;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!.PathAndQuery;
        for (var tries = 1; ; tries++)
        {
            var at = Volatile.Read(ref current);
            request.RequestUri = new Uri(servers[at], asked);
            try
            {
                return await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError && tries < servers.Count)
            {
                TryNext(at);
            }
            catch
            {
                // Also one that keeps silent until the caller has had enough.
                TryNext(at);
                throw;
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            // A new connection is asked for the address of its other end before anything is sent; where that has gone, .NET passes on as it is what the system says.
            throw new HttpRequestException(HttpRequestError.ConnectionError, e.Message, e);
        }
    }

    /// <summary>Whoever else found the same server wanting may have gone on already.</summary>
    private void TryNext(int failed) => Interlocked.CompareExchange(ref current, (failed + 1) % servers.Count, failed);
}
