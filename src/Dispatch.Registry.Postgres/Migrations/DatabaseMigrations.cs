using System.Reflection;
using System.Text.RegularExpressions;
using Dapper;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using Npgsql;

namespace Dispatch.Registry.Postgres.Migrations;

/// <summary>The numbered migrations of the registry's database.</summary>
public static partial class DatabaseMigrations
{
    /// <summary>The schema that everything is in.</summary>
    public const string Schema = "dispatch";

    /// <summary>How long a program waits for another one's migrations.</summary>
    private const int TurnSeconds = 300;

    /// <summary>Which migrations were applied.</summary>
    internal const string JournalTable = "migration";

    /// <summary>The advisory lock under which one program migrates at a time.</summary>
    private const long MigrationLock = 0x64697370_6D696772;

    /// <summary>The names of the migrations that this program has, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => Numbered().IsMatch(name)).Order(StringComparer.Ordinal)];

    /// <summary>Says how a database stands. Nothing changes by it.</summary>
    /// <param name="connectionString">The database, as Npgsql writes it or as a <c>postgres://</c> address.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The standing; a connection string that cannot be read is <see cref="DatabaseStandingKind.Unreachable"/>.</returns>
    public static async Task<DatabaseStanding> CheckAsync(string connectionString, CancellationToken cancellationToken)
    {
        DatabaseAddress address;
        try
        {
            address = DatabaseAddress.Parse(connectionString);
        }
        catch (ArgumentException error)
        {
            return new(DatabaseStandingKind.Unreachable, error.Message);
        }

        try
        {
            var connection = new NpgsqlConnection(OwnConnection(address));
            await using (connection.ConfigureAwait(false))
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return await LookAsync(connection, address).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return new(DatabaseStandingKind.Unreachable, DatabaseErrors.Unreachable(address, error));
        }
    }

    /// <summary>Brings a database up to date: makes the tables, or changes older ones. A repeat changes nothing; several programs at once take turns.</summary>
    /// <param name="connectionString">The database; its user must be allowed to create a schema.</param>
    /// <param name="cancellationToken">Ends it between two migrations.</param>
    /// <returns>What was found before, and what is now: up to date, or why it was left as it is.</returns>
    public static async Task<DatabaseStanding> ApplyAsync(string connectionString, CancellationToken cancellationToken)
    {
        var before = await CheckAsync(connectionString, cancellationToken).ConfigureAwait(false);
        if (before.Kind is not (DatabaseStandingKind.TooOld or DatabaseStandingKind.NotDispatch)) return before;
        var address = DatabaseAddress.Parse(connectionString);
        try
        {
            var connection = new NpgsqlConnection(OwnConnection(address));
            await using (connection.ConfigureAwait(false))
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                await connection.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_lock(@MigrationLock)", new { MigrationLock }, commandTimeout: TurnSeconds, cancellationToken: cancellationToken)).ConfigureAwait(false);
                var now = await LookAsync(connection, address).ConfigureAwait(false);
                if (now.Kind == DatabaseStandingKind.NotDispatch && await HasOtherTablesAsync(connection).ConfigureAwait(false)) return now;
                if (now.Kind is not (DatabaseStandingKind.TooOld or DatabaseStandingKind.NotDispatch)) return now;
                await connection.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS {Schema}").ConfigureAwait(false);
                var result = await Task.Run(() => Upgrade(address), cancellationToken).ConfigureAwait(false);
                if (!result.Successful)
                    return now with { Message = $"Migration {result.ErrorScript?.Name} of database {address.Name} failed: {result.Error.Message.TrimEnd('.')}. Nothing of it was kept. Where what it makes is there already, somebody has changed the tables, or the rows of table {JournalTable}: take out what is too much, or restore a backup." };
                return await LookAsync(connection, address).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return before with { Message = $"Database {address.Name} could not be migrated: {error.Message}" };
        }
    }

    private static DatabaseUpgradeResult Upgrade(DatabaseAddress address) => DeployChanges.To
        .PostgresqlDatabase(OwnConnection(address))
        .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly(), name => Numbered().IsMatch(name))
        .JournalToPostgresqlTable(Schema, JournalTable)
        .WithTransactionPerScript()
        .WithVariablesDisabled()
        .LogTo(new NoOpUpgradeLog())
        .Build()
        .PerformUpgrade();

    /// <summary>Not from a pool: what is locked is free again when the connection is closed.</summary>
    private static string OwnConnection(DatabaseAddress address) =>
        new NpgsqlConnectionStringBuilder(address.ConnectionString) { SearchPath = Schema, Pooling = false }.ConnectionString;

    private static async Task<DatabaseStanding> LookAsync(NpgsqlConnection connection, DatabaseAddress address)
    {
        var found = await SchemaCheck.ReadAsync(connection).ConfigureAwait(false);
        if (!await connection.ExecuteScalarAsync<bool>($"SELECT to_regclass('{Schema}.{JournalTable}') IS NOT NULL").ConfigureAwait(false))
        {
            if (SchemaCheck.IsOurs(found))
            {
                return new(DatabaseStandingKind.Changed, $"Database {address.Name} has the tables of Dispatch, and not table {Schema}.{JournalTable}, which says their version: somebody has dropped it. "
                    + "Restore it, or the whole database, from a backup.");
            }

            return new(DatabaseStandingKind.NotDispatch, await HasOtherTablesAsync(connection).ConfigureAwait(false)
                ? $"Database {address.Name} has a schema \"{Schema}\" whose tables are not Dispatch's; give Dispatch a database of its own."
                : $"Database {address.Name} has no tables of Dispatch. Run `dispatch migrate --database …` with it, or name another database.");
        }

        var applied = (await connection.QueryAsync<string>($"SELECT scriptname FROM {Schema}.{JournalTable}").ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        var missing = Names.Where(name => !applied.Contains(name)).ToArray();
        var unknown = applied.Except(Names).Order(StringComparer.Ordinal).ToArray();
        if (unknown.Length > 0)
        {
            return new(DatabaseStandingKind.TooNew, $"Database {address.Name} is newer than this program: it has {string.Join(", ", unknown)}, which this program does not know. "
                + "Use a newer dispatch, or a database of its own for this one.");
        }

        var lacking = SchemaCheck.Lacking(found);
        return (missing.Length, lacking.Count) switch
        {
            (0, 0) => new(DatabaseStandingKind.UpToDate, $"Database {address.Name} is up to date ({Names[^1]})."),
            (0, _) => new(DatabaseStandingKind.Changed, $"Database {address.Name} lacks what its migrations made: {SchemaCheck.Text(lacking)}. Somebody has changed its tables: put back what is named, as it is in an empty "
                + "database after `dispatch migrate`, or restore a backup."),
            (_, 0) => new(DatabaseStandingKind.Changed, $"Database {address.Name} has all tables, and its table {JournalTable} does not say so: {string.Join(", ", missing)} is missing. Somebody has deleted rows there: put them back with "
                + $"`INSERT INTO {Schema}.{JournalTable} (scriptname, applied) VALUES {string.Join(", ", missing.Select(name => $"('{name}', now())"))}`."),
            _ => new(DatabaseStandingKind.TooOld, $"Database {address.Name} is older than this program: {string.Join(", ", missing)} is missing. Run `dispatch migrate --database …` with it."),
        };
    }

    private static Task<bool> HasOtherTablesAsync(NpgsqlConnection connection) => connection.ExecuteScalarAsync<bool>(
        $"SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '{Schema}' AND c.relkind = 'r' AND c.relname <> '{JournalTable}')");

    [GeneratedRegex("^[0-9]{4}-[a-z-]+\\.sql$")]
    private static partial Regex Numbered();
}
