using System.CommandLine;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch migrate</c>.</summary>
internal static class MigrateVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command("migrate", "Bring the registry's database to this version; before workflow hosts and servers of this version are started");
        var database = DatabaseOption.Make();
        command.Options.Add(database);
        command.SetAction((parsed, token) => MigrateRole.RunAsync(DatabaseOption.Read(parsed, database), token));
        return command;
    }
}
