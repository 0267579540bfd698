using Dispatch.Cli.Output;
using Dispatch.Placement;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres;
using Dispatch.Registry.Postgres.Presence;
using Dispatch.Workflows.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Temporalio.Client;

namespace Dispatch.Cli.Roles;

/// <summary>What <c>dispatch workflows</c> is started with.</summary>
internal sealed record WorkflowsOptions
{
    /// <summary>The registry's database.</summary>
    public required string Database { get; init; }

    /// <summary>Where Temporal is.</summary>
    public required TemporalAddress Temporal { get; init; }

    /// <summary>The pool.</summary>
    public required PoolOptions Pool { get; init; }

    /// <summary>Whether jobs write their search attributes.</summary>
    public required bool SearchAttributes { get; init; }

    /// <summary>How much is logged.</summary>
    public LogLevel LogLevel { get; init; }
}

/// <summary>A workflow host: the workflows of jobs, Place and Settle, placer, nudges, expirer and sweeper. Any number of them share one database.</summary>
internal static class WorkflowsRole
{
    /// <summary>Runs it until it is told to end.</summary>
    public static async Task<int> RunAsync(WorkflowsOptions options)
    {
        using var signals = new RoleSignals();
        using var logs = LoggerFactory.Create(logging => RoleLogging.Configure(logging, options.LogLevel));
        var database = await RegistryDatabase.CheckAsync(options.Database, signals.Ending).ConfigureAwait(false);
        var client = await TemporalConnection.ConnectAsync(options.Temporal, "dispatch-workflows", logs, signals.Ending).ConfigureAwait(false);
        if (options.SearchAttributes)
            await TemporalConnection.CheckSearchAttributesAsync(client, signals.Ending).ConfigureAwait(false);
        var mark = await database.MarkAsync(signals.Ending).ConfigureAwait(false);
        await mark.CheckAsync(client, signals.Ending).ConfigureAwait(false);
        var host = Build(options, database, client, await TemporalConnection.NamespaceAsync(client, signals.Ending).ConfigureAwait(false));
        await using var ended = ((IAsyncDisposable)host).ConfigureAwait(false);
        try
        {
            await RegistryDatabase.EnterAsync(host.Services, signals.Ending).ConfigureAwait(false);
            await mark.SetAsync(client, signals.Ending).ConfigureAwait(false);
            await host.StartAsync(signals.Ending).ConfigureAwait(false);
            Screen.Line($"workflow host ready: Temporal at {options.Temporal.Target}, namespace {options.Temporal.Namespace}; registry {database}");
            return await RoleHost.WaitAsync(host, "workflows", signals).ConfigureAwait(false);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static IHost Build(WorkflowsOptions options, RegistryDatabase database, TemporalClient client, TemporalNamespace temporal)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [], ContentRootPath = AppContext.BaseDirectory });
        RoleLogging.Configure(builder.Logging, options.LogLevel);
        builder.Services.AddSingleton<IHostLifetime, RoleLifetime>();
        builder.Services.AddSingleton<ITemporalClient>(client);
        builder.Services.AddPostgresRegistry(database.Address, [options.Pool], postgres: new PostgresOptions { Temporal = temporal });
        builder.Services.AddDispatchPlacement();
        builder.Services.AddSingleton<INudge, TemporalNudge>();
        builder.Services.AddSingleton<IRunStatus, TemporalRunStatus>();
        builder.Services.AddSingleton(new JobHostOptions { SearchAttributes = options.SearchAttributes });
        builder.Services.AddHostedService<WorkflowHost>();
        return builder.Build();
    }
}
