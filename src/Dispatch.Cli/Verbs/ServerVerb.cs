using System.CommandLine;
using Dispatch.Cli.Roles;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch server</c>.</summary>
internal static class ServerVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("server", "Run a server: the HTTP API, what workers call, and the logs; as many as wanted, over one log folder");
        var listen = RoleOptions.Listen();
        var port = RoleOptions.Port("--http-port", "Port of the HTTP API", ApiPaths.DefaultPort);
        var data = RoleOptions.Data("Where logs are kept; all servers of one database share this folder", "server");
        var database = DatabaseOption.Make();
        var temporal = new TemporalOptionSet();
        var pool = new PoolOptionSet(alwaysProcess: false);
        var token = new WorkerTokenOptions();
        var attributes = SearchAttributesOption.Make();
        var level = RoleOptions.Level();
        foreach (var option in (Option[])[listen, port, data, database, .. temporal.Options, .. pool.Options, .. token.Options, attributes, level])
            command.Options.Add(option);
        command.SetAction(parsed => ServerRole.RunAsync(new ServerRoleOptions
        {
            Listen = parsed.GetValue(listen)!,
            Port = parsed.GetValue(port),
            Data = parsed.GetValue(data)!,
            Database = DatabaseOption.Read(parsed, database),
            Temporal = temporal.Read(parsed),
            Pool = pool.Read(parsed),
            WorkerToken = token.ReadFor(parsed, parsed.GetValue(listen)!),
            SearchAttributes = SearchAttributesOption.Read(parsed, attributes),
            LogLevel = parsed.GetValue(level),
        }));
        return command;
    }
}
