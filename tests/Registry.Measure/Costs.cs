using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Postgres.Fixture;

namespace Registry.Measure;

/// <summary>What was spent since the program's start: by the registry's own process, and by the database.</summary>
/// <param name="RoundTrips">Commands sent to the database, each waited for once.</param>
/// <param name="Statements">Statements of those commands, and those that foreign keys and functions run.</param>
/// <param name="Commits">Transactions that were committed.</param>
/// <param name="Flushes">How often the log was flushed to disk.</param>
/// <param name="WalBytes">Bytes of that log.</param>
/// <param name="ClientMs">Processor time of this process.</param>
/// <param name="DatabaseMs">Processor time of the database's processes.</param>
public sealed record Costs(double RoundTrips, double Statements, double Commits, double Flushes, double WalBytes, double ClientMs, double DatabaseMs)
{
    private const double MillisecondsPerTick = 10;
    private static long roundTrips;

    /// <summary>Begins to count commands.</summary>
    /// <returns>What ends it.</returns>
    public static IDisposable CountRoundTrips()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.PropagationData,
            ActivityStopped = _ => Interlocked.Increment(ref roundTrips),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    /// <summary>Reads all.</summary>
    /// <param name="server">The server, which counts statements.</param>
    /// <param name="database">The database that is measured.</param>
    /// <returns>What was spent until now.</returns>
    public static async Task<Costs> ReadAsync(PostgresServer server, string database)
    {
        var trips = Interlocked.Read(ref roundTrips);
        var client = Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot();
            SELECT (SELECT sum(calls)::float8 FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()),
                (SELECT xact_commit::float8 FROM pg_stat_database WHERE datname = current_database()), (SELECT wal_sync::float8 FROM pg_stat_wal), (SELECT wal_bytes::float8 FROM pg_stat_wal)
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.NextResultAsync();
        await reader.ReadAsync();
        return new(trips, reader.GetDouble(0), reader.GetDouble(1), reader.GetDouble(2), reader.GetDouble(3), client, DatabaseTime(server.ProcessId));
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

    /// <summary>What was spent between two readings, for each of so many.</summary>
    /// <param name="later">The later reading.</param>
    /// <param name="earlier">The earlier one.</param>
    /// <param name="count">How many.</param>
    /// <returns>What one cost.</returns>
    public static Costs Each(Costs later, Costs earlier, double count) => new(
        (later.RoundTrips - earlier.RoundTrips) / count, (later.Statements - earlier.Statements) / count, (later.Commits - earlier.Commits) / count, (later.Flushes - earlier.Flushes) / count,
        (later.WalBytes - earlier.WalBytes) / count, (later.ClientMs - earlier.ClientMs) / count, (later.DatabaseMs - earlier.DatabaseMs) / count);

    private static double DatabaseTime(int server)
    {
        var ticks = 0.0;
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), out var pid)) continue;
            string stat;
            try
            {
                stat = File.ReadAllText($"{entry}/stat");
            }
            catch (IOException)
            {
                // It has ended meanwhile.
                continue;
            }

            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double Field(int number) => double.Parse(fields[number], CultureInfo.InvariantCulture);
            if (pid == server) ticks += Field(11) + Field(12) + Field(13) + Field(14);
            else if ((int)Field(1) == server) ticks += Field(11) + Field(12);
        }

        return ticks * MillisecondsPerTick;
    }
}
