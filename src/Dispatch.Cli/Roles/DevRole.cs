using System.Net;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Logs;
using Dispatch.Logs;
using Dispatch.Placement;
using Dispatch.Registry;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres;
using Dispatch.Registry.Postgres.Presence;
using Dispatch.Server;
using Dispatch.Workers;
using Dispatch.Workflows.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Temporalio.Client;

namespace Dispatch.Cli.Roles;

/// <summary>What <c>dispatch dev</c> is started with.</summary>
internal sealed record DevOptions
{
    /// <summary>The address of both ports.</summary>
    public required IPAddress Listen { get; init; }

    /// <summary>Temporal's port.</summary>
    public required int Port { get; init; }

    /// <summary>Port of the HTTP API.</summary>
    public required int HttpPort { get; init; }

    /// <summary>Where logs are kept.</summary>
    public required string Data { get; init; }

    /// <summary>The registry's database; null keeps the registry in memory.</summary>
    public string? Database { get; init; }

    /// <summary>The pool.</summary>
    public required PoolOptions Pool { get; init; }

    /// <summary>The token that workers must bear.</summary>
    public string? WorkerToken { get; init; }

    /// <summary>How much is logged.</summary>
    public LogLevel LogLevel { get; init; }

    /// <summary>The worker to start, or null for none.</summary>
    public WorkerSettings? Worker { get; init; }
}

/// <summary>Everything in one process: embedded engine, workflow host, registry in memory or in a database of its own, HTTP API, and a worker.</summary>
internal static class DevRole
{
    /// <summary>What the output of all jobs may take on the disk: 1 GiB.</summary>
    private const long LogBytesMax = 1L << 30;

    /// <summary>Runs it until it is told to end.</summary>
    public static async Task<int> RunAsync(DevOptions options)
    {
        OwnMemory.Close();
        HttpHost.MakeData(options.Data);
        using var signals = new RoleSignals();
        using var logs = LoggerFactory.Create(logging => RoleLogging.Configure(logging, options.LogLevel));
        var database = options.Database is { } text ? await RegistryDatabase.PrepareAsync(text, signals.Ending).ConfigureAwait(false) : null;
        var engine = await EngineRole.StartAsync(options.Listen, options.Port, logs, signals.Ending).ConfigureAwait(false);
        await using (engine.ConfigureAwait(false))
        {
            var client = await TemporalClient.ConnectAsync(new(Reachable(engine.EndPoint)) { DataConverter = DispatchData.Converter, LoggerFactory = logs, Identity = "dispatch-dev", GrpcCompression = new GrpcCompression.None(), Runtime = SdkRuntime.Create(logs) }).ConfigureAwait(false);
            var app = Build(options, database, client, await TemporalConnection.NamespaceAsync(client, signals.Ending).ConfigureAwait(false));
            await using (app.ConfigureAwait(false))
            {
                try
                {
                    if (database is not null) await RegistryDatabase.EnterAsync(app.Services, signals.Ending).ConfigureAwait(false);
                    var mark = database is null ? RegistryMark.InMemory() : await database.MarkAsync(signals.Ending).ConfigureAwait(false);
                    await mark.SetAsync(client, signals.Ending).ConfigureAwait(false);
                    await HttpHost.StartAsync(app, options.Listen, options.HttpPort, signals.Ending).ConfigureAwait(false);
                    return await ServeAsync(app, engine.Address, database, options, client, logs, signals).ConfigureAwait(false);
                }
                finally
                {
                    // Also where a port or the worker was not to be had: what runs in the background ends in order.
                    await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
    }

    private static async Task<int> ServeAsync(WebApplication app, string address, RegistryDatabase? database, DevOptions options, TemporalClient client, ILoggerFactory logs, RoleSignals signals)
    {
        await using var worker = options.Worker is null ? null
            : await WorkerRole.StartAsync(options.Worker, client, app.Services.GetRequiredService<IRegistry>(), app.Services.GetRequiredService<ILogStore>(), logs, signals).ConfigureAwait(false);
        Announce(address, database, app, worker);
        var ended = await RoleHost.WaitAsync(app, "dev", signals).ConfigureAwait(false);
        if (worker is not null)
            await worker.StopAsync().ConfigureAwait(false);
        return ended;
    }

    private static WebApplication Build(DevOptions options, RegistryDatabase? database, TemporalClient client, TemporalNamespace temporal)
    {
        var builder = HttpHost.Begin(options.Listen, options.HttpPort, options.LogLevel);
        builder.Services.AddSingleton<ITemporalClient>(client);
        if (database is null) builder.Services.AddInMemoryRegistry([options.Pool]);
        else builder.Services.AddPostgresRegistry(database.Address, [options.Pool], postgres: new PostgresOptions { Alone = true, Temporal = temporal });
        builder.Services.AddDispatchPlacement();
        // The engine is in memory: whatever wrote before this start is of a job that nobody can ask for any more.
        builder.Services.AddDispatchLogs(new LogStoreOptions { Root = Path.Combine(options.Data, "logs"), ForgottenBefore = DateTimeOffset.UtcNow, BytesMax = LogBytesMax });
        builder.Services.AddSingleton<INudge, TemporalNudge>();
        builder.Services.AddSingleton<IRunStatus, TemporalRunStatus>();
        builder.Services.AddSingleton(new JobHostOptions());
        builder.Services.AddHostedService<WorkflowHost>();
        builder.Services.AddDispatchServer();
        return builder.Build().MapDispatchServer(options.WorkerToken);
    }

    private static void Announce(string temporal, RegistryDatabase? database, WebApplication app, RunningWorker? worker)
    {
        Screen.Line("dispatch dev is ready; Ctrl-C stops it");
        Screen.Line($"  Temporal   {temporal}, namespace default, in memory");
        Screen.Line($"  registry   {database?.ToString() ?? "in memory"}");
        Screen.Line($"  HTTP API   {HttpHost.AddressOf(app)}");
        foreach (var line in worker?.Describe() ?? ["none; add some with `dispatch worker --id NAME`"])
            Screen.Line($"  worker     {line}");
    }

    private static string Reachable(IPEndPoint point) =>
        new IPEndPoint(point.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : point.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : point.Address, point.Port).ToString();
}
