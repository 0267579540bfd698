using System.CommandLine;
using System.CommandLine.Parsing;
using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Verbs;

/// <summary>Options that several verbs take, spelled and explained once.</summary>
internal static class CommonOptions
{
    private static readonly string ServersForm = $": write an address such as http://127.0.0.1:{ApiPaths.DefaultPort}, or several with commas between";

    /// <summary>The server's address.</summary>
    public static Option<string> Server() => new Option<string>("--server")
    {
        Description = $"Address of the HTTP API (also {EnvironmentNames.Server}); several, with commas between, stand in for each other",
        DefaultValueFactory = _ => EnvironmentNames.Read(EnvironmentNames.Server) ?? $"http://127.0.0.1:{ApiPaths.DefaultPort}",
    }.Checked(text => TryServers(text, out _) ? null : ServersForm);

    /// <summary>Tables or JSON.</summary>
    public static Option<OutputFormat> Format()
    {
        var option = new Option<OutputFormat>("--output", "-o") { Description = "table for people, json for programs", DefaultValueFactory = _ => OutputFormat.Table };
        option.CustomParser = result => result.Tokens.Count == 1 && result.Tokens[0].Value is "json" ? OutputFormat.Json
            : result.Tokens.Count == 1 && result.Tokens[0].Value is "table" ? OutputFormat.Table
            : Refuse(result, $"--output is '{string.Join(' ', result.Tokens)}': write table or json", OutputFormat.Table);
        option.CompletionSources.Add("table", "json");
        return option;
    }

    /// <summary>A job's id.</summary>
    public static Argument<string> JobId() => new Argument<string>("ID") { Description = "The job's id" }.Checked(OptionChecks.Filled);

    /// <summary>Why a command is given. The server refuses a command without it, in the same words over every surface.</summary>
    public static Option<string> Reason() => new("--reason") { Description = "Why (needed); it is recorded with the command", DefaultValueFactory = _ => "" };

    /// <summary>Who gives a command.</summary>
    public static Option<string> RequestedBy() => new("--requested-by")
    {
        Description = "Who asks; recorded with the command",
        DefaultValueFactory = _ => $"{Environment.UserName}@{Environment.MachineName}",
    };

    /// <summary>A client of the server that the options name.</summary>
    public static DispatchClient Client(this ParseResult parsed, Option<string> server) => new(Servers(parsed.GetValue(server)!));

    /// <summary>The servers that a text names.</summary>
    public static IReadOnlyList<Uri> Servers(string text) => TryServers(text, out var servers) ? servers : throw new CliException($"{EnvironmentNames.Server} is '{text}'{ServersForm}");

    private static bool TryServers(string text, out IReadOnlyList<Uri> servers)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries).Select(part => Uri.TryCreate(part, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null).ToArray();
        servers = [.. parts.OfType<Uri>()];
        return servers.Count == parts.Length;
    }

    /// <summary>The job that the argument names.</summary>
    public static JobId Job(this ParseResult parsed, Argument<string> id) => new(parsed.GetValue(id)!);

    private static T Refuse<T>(ArgumentResult result, string text, T value)
    {
        result.AddError(text);
        return value;
    }
}
