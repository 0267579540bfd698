using Npgsql;

namespace Postgres.Fixture;

/// <summary>What a database has done since its start. The server has <c>pg_stat_statements</c> loaded, and the database the extension.</summary>
/// <param name="Statements">Statements.</param>
/// <param name="Rows">Rows that they read from tables or indexes, or changed.</param>
/// <param name="Commits">Transactions that were committed.</param>
/// <param name="Flushes">How often the log was flushed to disk.</param>
/// <param name="WalBytes">Bytes of that log.</param>
public sealed record PostgresCounts(double Statements, double Rows, double Commits, double Flushes, double WalBytes)
{
    /// <summary>The settings of a server that counts.</summary>
    public const string Settings = "shared_preload_libraries=pg_stat_statements";

    /// <summary>Reads all.</summary>
    /// <param name="database">The database.</param>
    /// <returns>The counts until now.</returns>
    public static async Task<PostgresCounts> ReadAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot();
            SELECT (SELECT sum(calls)::float8 FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()),
                (SELECT (tup_fetched + tup_inserted + tup_updated + tup_deleted)::float8 FROM pg_stat_database WHERE datname = current_database()),
                (SELECT xact_commit::float8 FROM pg_stat_database WHERE datname = current_database()), (SELECT wal_sync::float8 FROM pg_stat_wal), (SELECT wal_bytes::float8 FROM pg_stat_wal)
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.ReadAsync();
        return new(reader.GetDouble(0), reader.GetDouble(1), reader.GetDouble(2), reader.GetDouble(3), reader.GetDouble(4));
    }

    /// <summary>The statements that took most of the database's time.</summary>
    /// <param name="database">The database that is measured.</param>
    /// <param name="most">How many.</param>
    /// <returns>A line of a table each: how often, milliseconds of one, part of all, its beginning.</returns>
    public static async Task<IReadOnlyList<string>> DearestAsync(string database, int most)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT format('| %s | %s | %s | %s %% | `%s` |', s.calls, s.plans, round((s.total_exec_time / s.calls)::numeric, 3), round((100 * s.total_exec_time / sum(s.total_exec_time) OVER ())::numeric, 1),
                left(regexp_replace(s.query, '\s+', ' ', 'g'), 110))
            FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database() AND s.toplevel ORDER BY s.total_exec_time DESC LIMIT $1
            """,
            connection);
        command.Parameters.AddWithValue((long)most);
        var lines = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return lines;
    }

    /// <summary>What was done between two readings, for each of so many.</summary>
    /// <param name="later">The later reading.</param>
    /// <param name="earlier">The earlier one.</param>
    /// <param name="count">How many.</param>
    /// <returns>What one cost.</returns>
    public static PostgresCounts Each(PostgresCounts later, PostgresCounts earlier, double count)
    {
        ArgumentNullException.ThrowIfNull(later);
        ArgumentNullException.ThrowIfNull(earlier);
        return new(
            (later.Statements - earlier.Statements) / count, (later.Rows - earlier.Rows) / count, (later.Commits - earlier.Commits) / count, (later.Flushes - earlier.Flushes) / count,
            (later.WalBytes - earlier.WalBytes) / count);
    }
}
