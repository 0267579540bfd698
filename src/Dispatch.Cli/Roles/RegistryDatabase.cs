using Dispatch.Contracts.Errors;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres;
using Dispatch.Registry.Postgres.Migrations;
using Dispatch.Registry.Postgres.Presence;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>The same; an empty database gets its tables.</summary>
    /// <exception cref="CliException">It does not answer, has tables that are not Dispatch's, or is another version's; the text says what to do.</exception>
    public static async Task<RegistryDatabase> PrepareAsync(string text, CancellationToken token)
    {
        var standing = await DatabaseMigrations.CheckAsync(text, token).ConfigureAwait(false);
        if (standing.Kind == DatabaseStandingKind.NotDispatch) await MigrateAsync(text, token).ConfigureAwait(false);
        return await CheckAsync(text, token).ConfigureAwait(false);
    }

    /// <summary>Comes in, before anything of a role is started.</summary>
    /// <exception cref="CliException">Other processes go by other options, or must not be there; the text says what to do.</exception>
    public static Task EnterAsync(IServiceProvider services, CancellationToken token) =>
        TellingAsync(async () =>
        {
            await services.GetRequiredService<PostgresRegistry>().Entered.WaitAsync(token).ConfigureAwait(false);
            return true;
        });

    /// <summary>The mark that the Temporal namespace of its jobs bears.</summary>
    /// <exception cref="CliException">The database does not answer any more.</exception>
    public Task<RegistryMark> MarkAsync(CancellationToken token) =>
        TellingAsync(async () => new RegistryMark(await RegistryIdentity.ReadAsync(Address, token).ConfigureAwait(false), $"database {this}"));

    /// <summary>Records another pool for all processes.</summary>
    /// <returns>What was changed, in words.</returns>
    /// <exception cref="CliException">It could not be; the text says what to do.</exception>
    public static async Task<string> ConfigureAsync(string text, PoolOptions pool, CancellationToken token)
    {
        var database = await CheckAsync(text, token).ConfigureAwait(false);
        var change = await TellingAsync(() => PoolChanges.ApplyAsync(database.Address, new PoolSet([pool]), token)).ConfigureAwait(false);
        return change.Changed ? change.Message : throw new CliException(change.Message);
    }

    /// <summary>Forgets which Temporal namespace the jobs are of.</summary>
    /// <returns>What was forgotten, in words.</returns>
    /// <exception cref="CliException">It could not be; the text says what to do.</exception>
    public static async Task<string> ForgetTemporalAsync(string text, CancellationToken token)
    {
        var database = await CheckAsync(text, token).ConfigureAwait(false);
        var change = await TellingAsync(() => PoolChanges.ForgetTemporalAsync(database.Address, token)).ConfigureAwait(false);
        return change.Changed ? change.Message : throw new CliException(change.Message);
    }

    /// <summary>Brings a database to this version's tables.</summary>
    /// <returns>How it stands then, in words.</returns>
    /// <exception cref="CliException">It could not be; the text says what to do.</exception>
    public static async Task<string> MigrateAsync(string text, CancellationToken token)
    {
        var standing = await DatabaseMigrations.ApplyAsync(text, token).ConfigureAwait(false);
        return standing.Usable ? standing.Message : throw new CliException(standing.Message);
    }

    private static async Task<T> TellingAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (DispatchException error)
        {
            throw new CliException(error.Message);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Address.Name;
}
