using System.CommandLine;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch worker</c>.</summary>
internal static class WorkerVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("worker", "Run a worker: it takes jobs of its pool and runs them");
        var id = new Option<string>("--id") { Description = "The worker's stable id", Required = true }.Checked(OptionChecks.Filled);
        var data = RoleOptions.Data("Where the worker keeps what it must not forget; the directory is for good that of the first id that registered with it, so a renamed worker needs another", null);
        var server = CommonOptions.Server();
        var temporal = new TemporalOptionSet();
        var token = new WorkerTokenOptions();
        var worker = new WorkerOptionSet(null);
        var level = RoleOptions.Level();
        foreach (var option in (Option[])[id, data, server, .. temporal.Options, .. token.Options, level, .. worker.Options])
            command.Options.Add(option);
        command.SetAction(parsed => WorkerRole.RunAsync(
            worker.Read(parsed, parsed.GetValue(id)!, parsed.GetValue(data) ?? RoleOptions.DefaultData($"worker-{parsed.GetValue(id)}")),
            new WorkerConnections(CommonOptions.Servers(parsed.GetValue(server)!), temporal.Read(parsed), token.Read(parsed)),
            parsed.GetValue(level)));
        return command;
    }
}
