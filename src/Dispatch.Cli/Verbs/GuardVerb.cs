using System.CommandLine;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch guard</c>.</summary>
internal static class GuardVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("guard", "Guard a worker's data directory; workers start it themselves") { Hidden = true };
        var data = new Option<string>("--data") { Description = "The worker's data directory", Required = true };
        var docker = WorkerOptionSet.DockerSocket();
        var level = RoleOptions.Level();
        command.Options.Add(data);
        command.Options.Add(docker);
        command.Options.Add(level);
        command.SetAction(parsed => GuardRole.RunAsync(parsed.GetValue(data)!, parsed.GetValue(docker), parsed.GetValue(level)));
        return command;
    }
}
