using Dapper;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Rows;
using Npgsql;

namespace Dispatch.Registry.Postgres.Presence;

/// <summary>Table <c>pool</c>: the options that all processes of a database go by. The first process writes its own.</summary>
internal static class PoolRecords
{
    private const string Select = """SELECT pool AS "Pool", options::text AS "Options" FROM pool""";

    /// <summary>Reads what is recorded; where nothing is, records a process's own.</summary>
    /// <returns>The options of each recorded pool, as texts.</returns>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> ReadOrRecordAsync(NpgsqlConnection connection, PoolSet pools, CancellationToken cancellationToken)
    {
        var recorded = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (recorded.Count > 0) return recorded;
        // One transaction; of several first processes one records, and the others read that.
        const string sql = $"""
            LOCK TABLE pool;
            INSERT INTO pool (pool, options) SELECT p.pool, p.options::jsonb FROM unnest(@names, @options) p (pool, options) WHERE NOT EXISTS (SELECT 1 FROM pool);
            {Select};
            """;
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            recorded = Texts(await connection.QueryAsync<Recorded>(new CommandDefinition(sql, Arguments(pools), transaction, cancellationToken: cancellationToken)).ConfigureAwait(false));
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return recorded;
        }
    }

    /// <summary>Reads what is recorded.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Texts(await connection.QueryAsync<Recorded>(new CommandDefinition(Select, cancellationToken: cancellationToken)).ConfigureAwait(false));

    /// <summary>Puts other pools in the place of those that are recorded.</summary>
    public static Task ReplaceAsync(NpgsqlConnection connection, PoolSet pools, CancellationToken cancellationToken)
    {
        const string sql = "DELETE FROM pool; INSERT INTO pool (pool, options) SELECT p.pool, p.options::jsonb FROM unnest(@names, @options) p (pool, options);";
        return connection.ExecuteAsync(new CommandDefinition(sql, Arguments(pools), cancellationToken: cancellationToken));
    }

    private static object Arguments(PoolSet pools) =>
        new { names = pools.All.Select(pool => pool.Name).ToArray(), options = pools.All.Select(pool => RowJson.Write(PoolTexts.Of(pool))).ToArray() };

    private static Dictionary<string, IReadOnlyDictionary<string, string>> Texts(IEnumerable<Recorded> rows) =>
        rows.ToDictionary(row => row.Pool, row => (IReadOnlyDictionary<string, string>)RowJson.Read<Dictionary<string, string>>(row.Options), StringComparer.Ordinal);

    private sealed record Recorded(string Pool, string Options);
}
