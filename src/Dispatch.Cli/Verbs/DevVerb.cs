using System.CommandLine;
using Dispatch.Cli.Roles;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch dev</c>: all roles on this machine.</summary>
internal static class DevVerb
{
    /// <summary>Slots of its worker.</summary>
    private const int Slots = 64;

    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("dev", "Run everything on this machine: embedded engine, workflow host, HTTP API and one worker; Ctrl-C stops it");
        var listen = RoleOptions.Listen();
        var port = RoleOptions.Port("--port", "Temporal's port", RoleOptions.TemporalPort);
        var httpPort = RoleOptions.Port("--http-port", "Port of the HTTP API", ApiPaths.DefaultPort);
        var data = RoleOptions.Data("Where logs and the worker's state are kept: output for 7 days, that of a job forgotten by a restart for 1 day, at most 1 GiB in all (looked at once an hour, the oldest goes first)", "dev");
        var database = DatabaseOption.Make("; of its own, in memory without one. An empty one gets its tables, an older one is refused until `dispatch migrate`");
        var noWorker = new Option<bool>("--no-worker") { Description = "Start no worker; `dispatch worker` adds some" };
        var pool = new PoolOptionSet(alwaysProcess: true);
        var token = new WorkerTokenOptions();
        var worker = new WorkerOptionSet(Slots);
        var level = RoleOptions.Level();
        foreach (var option in (Option[])[listen, port, httpPort, data, database, noWorker, .. pool.Options, .. token.Options, level, .. worker.Options])
            command.Options.Add(option);
        command.SetAction(parsed => DevRole.RunAsync(new DevOptions
        {
            Listen = parsed.GetValue(listen)!,
            Port = parsed.GetValue(port),
            HttpPort = parsed.GetValue(httpPort),
            Data = parsed.GetValue(data)!,
            Database = DatabaseOption.Find(parsed, database),
            Pool = pool.Read(parsed),
            WorkerToken = token.ReadFor(parsed, parsed.GetValue(listen)!),
            LogLevel = parsed.GetValue(level),
            Worker = parsed.GetValue(noWorker) ? null : worker.Read(parsed, "dev", Path.Combine(parsed.GetValue(data)!, "worker")),
        }));
        return command;
    }
}
