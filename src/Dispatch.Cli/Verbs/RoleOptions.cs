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

    private static readonly LogLevel[] Levels = [LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error];

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

    /// <summary>Where a role keeps what it must not forget; one that is told no folder and has no default needs <see cref="DefaultData"/>.</summary>
    public static Option<string?> Data(string description, string? role) => new Option<string?>("--data")
    {
        Description = description,
        DefaultValueFactory = result =>
        {
            if (role is null)
                return null;
            var folder = FindData(role, out var problem);
            if (folder is null)
                result.AddError(problem);
            return folder;
        },
    }.Checked(OptionChecks.Filled);

    /// <summary>The folder of a role that is told none.</summary>
    /// <exception cref="CliException">The user has no home folder.</exception>
    public static string DefaultData(string role) => FindData(role, out var problem) ?? throw new CliException(problem);

    private static string? FindData(string role, out string problem)
    {
        problem = "";
        if (EnvironmentNames.Read(EnvironmentNames.StateHome) is { } state)
            return Path.Combine(state, "dispatch", role);
        if (Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home)
            return Path.Combine(home, ".local", "state", "dispatch", role);
        var named = EnvironmentNames.Read(EnvironmentNames.Home);
        problem = (named is null ? "HOME is not set" : $"HOME is '{named}', which is not a folder") + ": name the folder of the role's data with --data";
        return null;
    }

    /// <summary>How much a role logs.</summary>
    public static Option<LogLevel> Level() => new Option<LogLevel>("--log-level") { Description = "Trace, Debug, Information, Warning or Error", DefaultValueFactory = _ => LogLevel.Warning }
        .OneOf([.. Levels.Select(level => level.ToString())], anyCase: true);
}
