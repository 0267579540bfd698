using System.Net;
using Dispatch.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Cli.Roles;

/// <summary>The web application in which a role serves the HTTP API.</summary>
internal static class HttpHost
{
    /// <summary>Begins one.</summary>
    public static WebApplicationBuilder Begin(IPAddress listen, int port, LogLevel level)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        RoleLogging.Configure(builder.Logging, level);
        builder.Services.AddSingleton<IHostLifetime, RoleLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = ServerSetup.BodyBytesMax;
            kestrel.AddServerHeader = false;
            kestrel.Listen(listen, port);
        });
        return builder;
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="CliException">The port is in use, or the address is not of this machine.</exception>
    public static async Task StartAsync(WebApplication app, IPAddress listen, int port, CancellationToken token)
    {
        try
        {
            await app.StartAsync(token).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CliException($"Port {port} on {listen} is in use. Stop what listens there, or give the HTTP API another port with --http-port.");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new CliException($"--listen is '{listen}', where this machine cannot listen on port {port}: {e.Message}.");
        }
    }

    /// <summary>Where it listens, as an address with the port it got.</summary>
    public static string AddressOf(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Makes a folder that an option names.</summary>
    public static void MakeData(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"--data is '{folder}', which cannot be made: {e.Message}");
        }
    }
}
