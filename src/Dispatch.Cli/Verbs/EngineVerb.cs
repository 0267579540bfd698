using System.CommandLine;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch engine</c>.</summary>
internal static class EngineVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("engine", "Run the embedded engine alone (in memory): what speaks Temporal's protocol where there is no Temporal");
        var listen = RoleOptions.Listen();
        var port = RoleOptions.Port("--port", "Temporal's port", RoleOptions.TemporalPort);
        var level = RoleOptions.Level();
        foreach (var option in (Option[])[listen, port, level])
            command.Options.Add(option);
        command.SetAction(parsed => EngineRole.RunAsync(parsed.GetValue(listen)!, parsed.GetValue(port), parsed.GetValue(level)));
        return command;
    }
}
