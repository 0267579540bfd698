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
        var forget = new Option<bool>("--forget-temporal") { Description = "Change no option, but forget which Temporal namespace the jobs are of, because it is gone for good: the next role records its own" };
        foreach (var option in (Option[])[database, .. pool.Options, forget])
            command.Options.Add(option);
        forget.Validators.Add(result =>
        {
            if (result.GetValue(forget) && pool.Options.Any(option => result.GetResult(option) is { Implicit: false }))
                result.AddError("--forget-temporal changes no options of the pool: change those in a call of their own");
        });
        command.SetAction(async (parsed, token) =>
        {
            var target = DatabaseOption.Read(parsed, database);
            Screen.Line(await (parsed.GetValue(forget) ? RegistryDatabase.ForgetTemporalAsync(target, token) : RegistryDatabase.ConfigureAsync(target, pool.Read(parsed), token)).ConfigureAwait(false));
            return ExitCodes.Success;
        });
        return command;
    }
}
