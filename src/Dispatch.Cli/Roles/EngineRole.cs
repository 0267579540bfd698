using System.Net;
using Dispatch.Cli.Output;
using Dispatch.Engine;
using Microsoft.Extensions.Logging;

namespace Dispatch.Cli.Roles;

/// <summary>The embedded engine alone.</summary>
internal static class EngineRole
{
    /// <summary>Runs it until it is told to end.</summary>
    public static async Task<int> RunAsync(IPAddress listen, int port, LogLevel level)
    {
        using var signals = new RoleSignals();
        using var logs = LoggerFactory.Create(logging => RoleLogging.Configure(logging, level));
        var engine = await StartAsync(listen, port, logs, signals.Ending).ConfigureAwait(false);
        await using (engine.ConfigureAwait(false))
        {
            Screen.Line($"the engine is ready: Temporal's protocol on {engine.Address}, namespace default, in memory");
            await signals.WaitAsync().ConfigureAwait(false);
        }

        return ExitCodes.Success;
    }

    /// <summary>Starts an engine that has the search attributes of jobs.</summary>
    public static async Task<EngineHost> StartAsync(IPAddress listen, int port, ILoggerFactory logs, CancellationToken token)
    {
        try
        {
            return await EngineHost.StartAsync(new EngineOptions { Address = listen, Port = port, LoggerFactory = logs, SearchAttributes = JobAttributes.Types }, token).ConfigureAwait(false);
        }
        catch (EngineStartException e)
        {
            throw new CliException($"{e.Message} (--port names another)");
        }
    }
}
