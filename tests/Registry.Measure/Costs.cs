using System.Diagnostics;
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
        var counts = await PostgresCounts.ReadAsync(database);
        return new(trips, counts.Statements, counts.Commits, counts.Flushes, counts.WalBytes, client, server.ProcessorTime().TotalMilliseconds);
    }

    /// <summary>What was spent between two readings, for each of so many.</summary>
    /// <param name="later">The later reading.</param>
    /// <param name="earlier">The earlier one.</param>
    /// <param name="count">How many.</param>
    /// <returns>What one cost.</returns>
    public static Costs Each(Costs later, Costs earlier, double count) => new(
        (later.RoundTrips - earlier.RoundTrips) / count, (later.Statements - earlier.Statements) / count, (later.Commits - earlier.Commits) / count, (later.Flushes - earlier.Flushes) / count,
        (later.WalBytes - earlier.WalBytes) / count, (later.ClientMs - earlier.ClientMs) / count, (later.DatabaseMs - earlier.DatabaseMs) / count);
}
