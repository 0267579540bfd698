using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Cli.Roles;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch configure</c>.</summary>
internal static class ConfigureVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build()
    {
        var command = new Command(
            "configure", "Change the options of the pool that all workflow hosts and servers of a database must be started with; only while none of them runs, and where times change no worker");
        var database = DatabaseOption.Make();
        var pool = new PoolOptionSet(alwaysProcess: false);
        foreach (var option in (Option[])[database, .. pool.Options])
            command.Options.Add(option);
        command.SetAction(async (parsed, token) =>
        {
            Screen.Line(await RegistryDatabase.ConfigureAsync(DatabaseOption.Read(parsed, database), pool.Read(parsed), token).ConfigureAwait(false));
            return ExitCodes.Success;
        });
        return command;
    }
}
