using Dispatch.Cli.Output;

namespace Dispatch.Cli.Roles;

/// <summary>Brings the registry's database to this version.</summary>
internal static class MigrateRole
{
    /// <summary>Runs it to its end.</summary>
    public static async Task<int> RunAsync(string database, CancellationToken token)
    {
        Screen.Line(await RegistryDatabase.MigrateAsync(database, token).ConfigureAwait(false));
        return ExitCodes.Success;
    }
}
