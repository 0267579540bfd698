using System.CommandLine;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Dispatch.Cli.Verbs;

/// <summary>Options that several roles take, spelled and explained once.</summary>
internal static class RoleOptions
{
    /// <summary>Temporal's usual port.</summary>
    public const int TemporalPort = 7233;

    /// <summary>Where a role listens.</summary>
    public static Option<IPAddress> Listen() => new("--listen")
    {
        Description = "Address to listen on; loopback unless told otherwise",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            var text = result.Tokens is [{ } token] ? token.Value : "";
            if (IPAddress.TryParse(text, out var address))
                return address;
            result.AddError($"--listen is '{text}': write an IP address of this machine, such as 127.0.0.1 or 0.0.0.0");
            return null;
        },
    };

    /// <summary>A port.</summary>
    public static Option<int> Port(string name, string description, int value) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            var text = result.Tokens is [{ } token] ? token.Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
                return port;
            result.AddError($"{name} is '{text}': write a number from 0 (any free one) to {IPEndPoint.MaxPort}");
            return 0;
        },
    };

    /// <summary>Where a role keeps what it must not forget.</summary>
    public static Option<string?> Data(string description, string? value) => new("--data") { Description = description, DefaultValueFactory = _ => value };

    /// <summary>The folder of a role that is told none.</summary>
    public static string DefaultData(string role) => Path.Combine(
        EnvironmentNames.Read(EnvironmentNames.StateHome) ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"), "dispatch", role);

    /// <summary>How much a role logs.</summary>
    public static Option<LogLevel> Level() => new("--log-level") { Description = "Trace, Debug, Information, Warning or Error", DefaultValueFactory = _ => LogLevel.Warning };
}
