using Dispatch.Registry.Postgres;
using Dispatch.Registry.Postgres.Migrations;

namespace Dispatch.Cli.Roles;

/// <summary>The registry's database as a role opens it: never shown with its password.</summary>
/// <param name="Address">The address.</param>
internal sealed record RegistryDatabase(DatabaseAddress Address)
{
    /// <summary>Sees that the database answers and has this version's tables.</summary>
    /// <exception cref="CliException">It does not; the text says what to do.</exception>
    public static async Task<RegistryDatabase> CheckAsync(string text, CancellationToken token)
    {
        var standing = await DatabaseMigrations.CheckAsync(text, token).ConfigureAwait(false);
        return standing.Usable ? new(DatabaseAddress.Parse(text)) : throw new CliException(standing.Message);
    }

    /// <summary>Sees that the database answers and has this version's tables; an empty one gets them.</summary>
    /// <exception cref="CliException">It does not answer, has tables that are not Dispatch's, or is another version's; the text says what to do.</exception>
    public static async Task<RegistryDatabase> PrepareAsync(string text, CancellationToken token)
    {
        var standing = await DatabaseMigrations.CheckAsync(text, token).ConfigureAwait(false);
        if (standing.Kind == DatabaseStandingKind.NotDispatch) await MigrateAsync(text, token).ConfigureAwait(false);
        return await CheckAsync(text, token).ConfigureAwait(false);
    }

    /// <summary>Brings a database to this version's tables.</summary>
    /// <returns>How it stands then, in words.</returns>
    /// <exception cref="CliException">It could not be; the text says what to do.</exception>
    public static async Task<string> MigrateAsync(string text, CancellationToken token)
    {
        var standing = await DatabaseMigrations.ApplyAsync(text, token).ConfigureAwait(false);
        return standing.Usable ? standing.Message : throw new CliException(standing.Message);
    }

    /// <inheritdoc/>
    public override string ToString() => Address.Name;
}
