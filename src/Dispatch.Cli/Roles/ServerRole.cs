using System.Net;
using Dispatch.Cli.Output;
using Dispatch.Logs;
using Dispatch.Placement;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres;
using Dispatch.Registry.Postgres.Presence;
using Dispatch.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Temporalio.Client;

namespace Dispatch.Cli.Roles;

/// <summary>What <c>dispatch server</c> is started with.</summary>
internal sealed record ServerRoleOptions
{
    /// <summary>The address to listen on.</summary>
    public required IPAddress Listen { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>Where logs are kept.</summary>
    public required string Data { get; init; }

    /// <summary>The registry's database.</summary>
    public required string Database { get; init; }

    /// <summary>Where Temporal is.</summary>
    public required TemporalAddress Temporal { get; init; }

    /// <summary>The pool.</summary>
    public required PoolOptions Pool { get; init; }

    /// <summary>The token that workers must bear; null is none.</summary>
    public string? WorkerToken { get; init; }

    /// <summary>Whether jobs write their search attributes.</summary>
    public required bool SearchAttributes { get; init; }

    /// <summary>How much is logged.</summary>
    public LogLevel LogLevel { get; init; }
}

/// <summary>A server: HTTP API, what workers call, logs. Any number of them share one database and one log folder.</summary>
internal static class ServerRole
{
    /// <summary>Runs it until it is told to end.</summary>
    public static async Task<int> RunAsync(ServerRoleOptions options)
    {
        HttpHost.MakeData(options.Data);
        using var signals = new RoleSignals();
        using var logs = LoggerFactory.Create(logging => RoleLogging.Configure(logging, options.LogLevel));
        var database = await RegistryDatabase.CheckAsync(options.Database, signals.Ending).ConfigureAwait(false);
        var client = await TemporalConnection.ConnectAsync(options.Temporal, "dispatch-server", logs, signals.Ending).ConfigureAwait(false);
        var mark = await database.MarkAsync(signals.Ending).ConfigureAwait(false);
        await mark.CheckAsync(client, signals.Ending).ConfigureAwait(false);
        var app = Build(options, database, client, await TemporalConnection.NamespaceAsync(client, signals.Ending).ConfigureAwait(false));
        await using (app.ConfigureAwait(false))
        {
            try
            {
                await RegistryDatabase.EnterAsync(app.Services, signals.Ending).ConfigureAwait(false);
                await mark.SetAsync(client, signals.Ending).ConfigureAwait(false);
                await HttpHost.StartAsync(app, options.Listen, options.Port, signals.Ending).ConfigureAwait(false);
                Screen.Line($"server ready: {HttpHost.AddressOf(app)}; Temporal at {options.Temporal.Target}, namespace {options.Temporal.Namespace}; registry {database}");
                return await RoleHost.WaitAsync(app, "server", signals).ConfigureAwait(false);
            }
            finally
            {
                await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static WebApplication Build(ServerRoleOptions options, RegistryDatabase database, TemporalClient client, TemporalNamespace temporal)
    {
        var builder = HttpHost.Begin(options.Listen, options.Port, options.LogLevel);
        builder.Services.AddSingleton<ITemporalClient>(client);
        builder.Services.AddPostgresRegistry(database.Address, [options.Pool], postgres: new PostgresOptions { Temporal = temporal });
        builder.Services.AddDispatchPlacementExplainer();
        builder.Services.AddSingleton<IRunStatus, TemporalRunStatus>();
        builder.Services.AddDispatchLogs(new LogStoreOptions { Root = Path.Combine(options.Data, "logs"), Shared = true });
        builder.Services.AddDispatchServer(new ServerOptions { SearchAttributes = options.SearchAttributes });
        return builder.Build().MapDispatchServer(options.WorkerToken);
    }
}
