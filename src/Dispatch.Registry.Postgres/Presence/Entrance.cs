using Dapper;
using Dispatch.Registry.Pools;
using Npgsql;

namespace Dispatch.Registry.Postgres.Presence;

/// <summary>How a process comes in: it takes the lock that shows it to others for as long as its connection lives, and sees that its pools and its Temporal are those of the others.</summary>
internal static class Entrance
{
    /// <summary>Held by every process that has the database open, shared; by one that must have it alone, or changes what all go by, exclusively.</summary>
    public const long PresenceLock = 0x64697370_70726573;

    /// <summary>How long is waited for somebody who is just leaving.</summary>
    public const string LeavesWithin = "2s";

    /// <summary>Comes in.</summary>
    /// <param name="connection">A connection of its own; what is taken goes with it.</param>
    /// <param name="address">The database.</param>
    /// <param name="pools">The process's pools.</param>
    /// <param name="options">Whether nobody else may have the database open, and which Temporal the process works with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it is in; if not, why, and whether it never will be with these pools.</returns>
    public static async Task<Entry> EnterAsync(NpgsqlConnection connection, DatabaseAddress address, PoolSet pools, PostgresOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(Command($"SET lock_timeout = '{LeavesWithin}'", cancellationToken)).ConfigureAwait(false);
            await connection.ExecuteAsync(Command($"SELECT {(options.Alone ? "pg_advisory_lock" : "pg_advisory_lock_shared")}({PresenceLock})", cancellationToken)).ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return new(options.Alone
                ? $"Database {address.Name} is open in other processes, and `dispatch dev` has a Temporal of its own: what others run it would take for lost. Give it a database of its own."
                : $"Database {address.Name} is open in a `dispatch dev`, which must have it alone, or is being configured. End that, or use another database.", Final: false);
        }

        var recorded = await PoolRecords.ReadOrRecordAsync(connection, pools, cancellationToken).ConfigureAwait(false);
        if (PoolTexts.Compare(recorded, pools) is { Count: > 0 } differences) return new(Text(address, differences), Final: true);
        if (options.Temporal is not { } own) return new(null, Final: false);
        var works = await TemporalRecord.ReadOrRecordAsync(connection, own, cancellationToken).ConfigureAwait(false);
        return works.Id == own.Id ? new(null, Final: false) : new(Text(address, works, own), Final: true);
    }

    private static string Text(DatabaseAddress address, IReadOnlyList<PoolDifference> differences) =>
        $"Database {address.Name} records other options of its pools than this process has, and all its processes go by the same: {string.Join("; ", differences)}. "
        + "Start this process with what is recorded; or, to change it for all, end all of them and run `dispatch configure --database …` with the new options.";

    private static string Text(DatabaseAddress address, TemporalNamespace recorded, TemporalNamespace own) =>
        $"Database {address.Name} has the jobs of Temporal namespace {recorded}, and this process works with namespace {own}, which knows none of them: it would take them all for lost. "
        + "Start it with the address and namespace of the others, or give it a database of its own; or, where that namespace is gone for good, end all processes of the database and run "
        + "`dispatch configure --forget-temporal --database …`.";

    private static CommandDefinition Command(string sql, CancellationToken cancellationToken) => new(sql, cancellationToken: cancellationToken);
}

/// <summary>Whether a process is in.</summary>
/// <param name="Refusal">Why not; null where it is.</param>
/// <param name="Final">Whether trying again is in vain.</param>
internal sealed record Entry(string? Refusal, bool Final);
