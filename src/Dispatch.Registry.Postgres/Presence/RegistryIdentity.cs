using Dapper;
using Dispatch.Registry.Postgres.Migrations;
using Npgsql;

namespace Dispatch.Registry.Postgres.Presence;

/// <summary>Which registry a database has: an id made by its migration, which a copy and a restored backup keep.</summary>
public static class RegistryIdentity
{
    /// <summary>Reads it.</summary>
    /// <param name="address">The database, which is up to date.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The id.</returns>
    /// <exception cref="Contracts.Errors.DispatchException"><c>RegistryUnavailable</c> where the database does not answer.</exception>
    public static async Task<string> ReadAsync(DatabaseAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        try
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address.ConnectionString) { SearchPath = DatabaseMigrations.Schema, Pooling = false }.ConnectionString);
            await using (connection.ConfigureAwait(false))
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return await connection.QuerySingleAsync<string>(new CommandDefinition("SELECT id FROM registry", cancellationToken: cancellationToken)).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw DatabaseErrors.Told(address, error);
        }
    }
}
