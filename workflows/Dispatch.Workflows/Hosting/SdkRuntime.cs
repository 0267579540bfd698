using Microsoft.Extensions.Logging;
using Temporalio.Runtime;

namespace Dispatch.Workflows.Hosting;

/// <summary>The native part of the SDK. Left to itself it writes what it has to say to standard output, in colours; a role's standard output is its own.</summary>
public static class SdkRuntime
{
    /// <summary>One that says nothing: for replays, whose findings are told as values.</summary>
    internal static TemporalRuntime Silent { get; } = new(new() { Telemetry = new() { Logging = null } });

    /// <summary>Makes one that speaks through a logger; one a process is enough.</summary>
    /// <param name="loggers">Makes the logger.</param>
    /// <returns>The runtime, for the options of a connection.</returns>
    public static TemporalRuntime Create(ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        return new(new() { Telemetry = new() { Logging = new() { Forwarding = new(loggers.CreateLogger("Temporalio.Core")) } } });
    }
}
