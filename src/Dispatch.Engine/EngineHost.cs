using System.Net;
using Dispatch.Engine.Frontend;
using Dispatch.Engine.Visibility;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dispatch.Engine;

/// <summary>A running embedded engine: it serves Temporal's protocol on one address until it is disposed of.</summary>
public sealed partial class EngineHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly IReadOnlyList<object> handlers;
    private readonly CancellationTokenSource stopping;
    private readonly ILogger logger;
    private bool disposed;

    private EngineHost(
        WebApplication app, IReadOnlyList<object> handlers, CancellationTokenSource stopping, IPEndPoint endPoint, ILogger logger)
    {
        this.app = app;
        this.handlers = handlers;
        this.stopping = stopping;
        this.logger = logger;
        EndPoint = endPoint;
    }

    /// <summary>The address and port that the engine listens on; the port is the real one, also when 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The same as <c>host:port</c>, the form that Temporal clients take.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>Starts an engine. When the task completes, clients can connect.</summary>
    /// <param name="options">What to start it with.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <returns>The running engine. Disposing of it stops it.</returns>
    /// <exception cref="EngineStartException">An option is out of range, or the address or port cannot be had.</exception>
    public static async Task<EngineHost> StartAsync(EngineOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validate(options);
        var stopping = new CancellationTokenSource();
        var searchAttributes = new SearchAttributeRegistry();
        var namespaces = new NamespaceRegistry(options, searchAttributes);
        var services = new EngineServices(
            options, namespaces, searchAttributes, new InMemoryVisibilityStore(options.VisibilityRowsMax), stopping.Token);
        var handlers = EngineHandlers.Create(services);
        var app = GrpcHosting.Build(services, handlers);
        var host = default(EngineHost);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            var logger = options.LoggerFactory.CreateLogger<EngineHost>();
            host = new EngineHost(app, handlers, stopping, BoundEndPoint(app, options), logger);
            LogStarted(logger, host.Address);
            return host;
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new EngineStartException(
                $"Port {options.Port} on {options.Address} is in use. Stop what listens there, or give the engine another port.", failure);
        }
        catch (System.Net.Sockets.SocketException failure)
        {
            throw new EngineStartException(
                $"The engine cannot listen on {options.Address} port {options.Port}: {failure.Message}. Give it an address of this machine and a port that it may use.", failure);
        }
        finally
        {
            if (host is null)
            {
                await StopAsync(app, handlers, stopping).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stops the engine: open calls end with UNAVAILABLE, then the port is free again.</summary>
    /// <returns>A task that completes when everything has ended.</returns>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        await StopAsync(app, handlers, stopping).ConfigureAwait(false);
        LogStopped(logger, Address);
    }

    private static void Validate(EngineOptions options)
    {
        var complaint = options switch
        {
            { Port: < 0 or > IPEndPoint.MaxPort } => $"The engine's port is {options.Port}; it must be 0 (any free one) to {IPEndPoint.MaxPort}.",
            _ when options.Retention < NamespaceRegistry.RetentionMin =>
                $"The engine's retention is {options.Retention}; it must be at least {NamespaceRegistry.RetentionMin}.",
            { ClosedRunsMax: < 1 } => $"The engine's ClosedRunsMax is {options.ClosedRunsMax}; it must be at least 1.",
            { VisibilityRowsMax: < 1 } => $"The engine's VisibilityRowsMax is {options.VisibilityRowsMax}; it must be at least 1.",
            _ => null,
        };
        if (complaint is not null)
        {
            throw new EngineStartException(complaint);
        }
    }

    private static IPEndPoint BoundEndPoint(WebApplication app, EngineOptions options)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new IPEndPoint(options.Address, new Uri(addresses.Single()).Port);
    }

    private static async Task StopAsync(WebApplication app, IReadOnlyList<object> handlers, CancellationTokenSource stopping)
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await app.StopAsync(CancellationToken.None).ConfigureAwait(false); // lets the calls say that they end
        await app.DisposeAsync().ConfigureAwait(false);
        foreach (var handler in handlers.Reverse())
        {
            switch (handler)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }

        stopping.Dispose();
    }

    [LoggerMessage(EventId = 3000, Level = LogLevel.Information, Message = "Engine listens on {Address}")]
    private static partial void LogStarted(ILogger logger, string address);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Engine on {Address} has stopped")]
    private static partial void LogStopped(ILogger logger, string address);
}
