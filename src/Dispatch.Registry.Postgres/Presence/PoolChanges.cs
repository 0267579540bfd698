using Dapper;
using Dispatch.Registry.Pools;
using Npgsql;

namespace Dispatch.Registry.Postgres.Presence;

/// <summary>What came of changing the recorded pools.</summary>
/// <param name="Changed">Whether what is recorded is now what was asked for.</param>
/// <param name="Message">What was done, or why it was not and what to do; without the password.</param>
public sealed record PoolChange(bool Changed, string Message);

/// <summary>Changes what all processes of a database go by: the one way, and only while nobody goes by it.</summary>
public static class PoolChanges
{
    private const int NamedMax = 5;

    /// <summary>Records other options. Refused while a process has the database open; and where times change, while a worker may live by the old ones.</summary>
    /// <param name="address">The database, which is up to date.</param>
    /// <param name="pools">All pools as they are to be.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="Contracts.Errors.DispatchException"><c>RegistryUnavailable</c> where the database does not answer.</exception>
    public static Task<PoolChange> ApplyAsync(DatabaseAddress address, PoolSet pools, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(pools);
        return AloneAsync(address, connection => ApplyAsync(connection, address, pools, cancellationToken), cancellationToken);
    }

    /// <summary>Forgets with which Temporal namespace the database's processes worked: the next one records its own. Refused while a process has the database open.</summary>
    /// <param name="address">The database, which is up to date.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="Contracts.Errors.DispatchException"><c>RegistryUnavailable</c> where the database does not answer.</exception>
    public static Task<PoolChange> ForgetTemporalAsync(DatabaseAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return AloneAsync(
            address,
            async connection =>
            {
                if (await TemporalRecord.ReadAsync(connection, cancellationToken).ConfigureAwait(false) is not { } recorded) return new(true, $"Database {address.Name} records no Temporal namespace.");
                await TemporalRecord.ForgetAsync(connection, cancellationToken).ConfigureAwait(false);
                return new(true, $"Database {address.Name} has forgotten Temporal namespace {recorded}; the next workflow host, server or dev records its own, and jobs that it does not know are over.");
            },
            cancellationToken);
    }

    /// <summary>Makes a change in one transaction, while no process has the database open.</summary>
    private static async Task<PoolChange> AloneAsync(DatabaseAddress address, Func<NpgsqlConnection, Task<PoolChange>> apply, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address.ConnectionString) { SearchPath = Migrations.DatabaseMigrations.Schema, Pooling = false }.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var change = await OpenElsewhereAsync(connection, address).ConfigureAwait(false) is { } open ? new(false, open) : await apply(connection).ConfigureAwait(false);
                    if (change.Changed) await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return change;
                }
            }
            catch (Exception error) when (DatabaseErrors.IsOutage(error) && !cancellationToken.IsCancellationRequested)
            {
                throw DatabaseErrors.Away(address, error);
            }
        }
    }

    // A process that has just ended, or left, is waited for: the database lets go of what it held a moment after its connection is gone.
    private static async Task<string?> OpenElsewhereAsync(NpgsqlConnection connection, DatabaseAddress address)
    {
        await connection.ExecuteAsync($"SAVEPOINT alone; SET LOCAL lock_timeout = '{Entrance.LeavesWithin}'").ConfigureAwait(false);
        try
        {
            await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({Entrance.PresenceLock}); SET LOCAL lock_timeout TO DEFAULT").ConfigureAwait(false);
            return null;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await connection.ExecuteAsync("ROLLBACK TO alone").ConfigureAwait(false);
        }

        var count = await connection.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            + $"AND classid = {Entrance.PresenceLock >> 32} AND objid = {Entrance.PresenceLock & uint.MaxValue}").ConfigureAwait(false);
        return $"Database {address.Name} is open in {count} {(count == 1 ? "process" : "processes")} with the old options. End all workflow hosts and servers of it first; nothing was changed.";
    }

    private static async Task<PoolChange> ApplyAsync(NpgsqlConnection connection, DatabaseAddress address, PoolSet pools, CancellationToken cancellationToken)
    {
        var recorded = await PoolRecords.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        var differences = PoolTexts.Compare(recorded, pools);
        if (differences.Count == 0) return new(true, $"Database {address.Name} records these options already.");
        var retimed = differences.Where(one => one.ChangesTimes).Select(one => one.Pool).Distinct().ToArray();
        var forgotten = "";
        if (recorded.Count > 0 && retimed.Length > 0)
        {
            if (await HindranceAsync(connection, retimed).ConfigureAwait(false) is { } hindrance)
                return new(false, $"Database {address.Name}: {hindrance} Its times are those that it was told when it registered. Start the roles with the old options, let jobs end, stop the workers, then try again; nothing was changed.");
            // One that is lost may still live somewhere: it must register again, and is told the new times.
            const string forget = "DELETE FROM worker WHERE pool = ANY(@retimed) AND lost AND reported <> 'Stopped' RETURNING worker";
            string[] gone = [.. await connection.QueryAsync<string>(forget, new { retimed }).ConfigureAwait(false)];
            if (gone.Length > 0) forgotten = $" Lost workers that were forgotten, with what was wanted of them: {string.Join(", ", gone.Order(StringComparer.Ordinal))}.";
        }

        await PoolRecords.ReplaceAsync(connection, pools, cancellationToken).ConfigureAwait(false);
        return new(true, recorded.Count == 0
            ? $"Database {address.Name} records the options of {string.Join(", ", pools.All.Select(pool => pool.Name))} now."
            : $"Database {address.Name}, changed: {string.Join("; ", differences.Select(Told))}.{forgotten}");
    }

    private static string Told(PoolDifference difference) => difference.Option is null
        ? $"pool {difference.Pool} is {(difference.Own == "yes" ? "new" : "gone")}"
        : $"pool {difference.Pool}: {difference.Option} is \"{difference.Own}\", was \"{difference.Recorded}\"";

    /// <summary>A worker that may live by old times, or a lease that may still run on one.</summary>
    private static async Task<string?> HindranceAsync(NpgsqlConnection connection, string[] retimed)
    {
        const string living = "SELECT worker FROM worker WHERE pool = ANY(@retimed) AND NOT lost AND reported <> 'Stopped' ORDER BY worker LIMIT @most";
        // An expired lease of a job that is closed is none: no ask begins another attempt of its conversation, and another conversation waits by the times that the lease
        // itself was offered with. Its worker is lost, and is told the new times before it has the lease again.
        const string leased = """
            SELECT l.job FROM lease l JOIN worker w ON w.worker = l.holder WHERE w.pool = ANY(@retimed)
                AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.job = l.job AND a.lease = l.lease AND a.state = 'Expired' AND a.settled_at IS NOT NULL)
            ORDER BY l.job LIMIT @most
            """;
        string[] workers = [.. await connection.QueryAsync<string>(living, new { retimed, most = NamedMax }).ConfigureAwait(false)];
        if (workers.Length > 0) return $"worker {string.Join(", ", workers)} may still run.";
        string[] jobs = [.. await connection.QueryAsync<string>(leased, new { retimed, most = NamedMax }).ConfigureAwait(false)];
        return jobs.Length > 0 ? $"job {string.Join(", ", jobs)} may still run on a worker." : null;
    }
}
