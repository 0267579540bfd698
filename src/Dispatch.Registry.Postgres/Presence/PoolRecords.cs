using Dapper;
using Dispatch.Registry.Loops;
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
        rows.ToDictionary(row => row.Pool, TextsOf, StringComparer.Ordinal);

    private static IReadOnlyDictionary<string, string> TextsOf(Recorded row)
    {
        try
        {
            var texts = RowJson.Read<Dictionary<string, string?>>(row.Options);
            return texts.ToDictionary(pair => pair.Key, pair => pair.Value ?? throw new FormatException($"{pair.Key} is null"), StringComparer.Ordinal);
        }
        catch (Exception error) when (RowJson.IsOfRow(error))
        {
            throw new UsableLaterException(
                "pool", $"Table pool has options of pool {row.Pool} that cannot be read, and every process goes by them: {error.Message.TrimEnd('.')}. Correct them: texts by name.", error);
        }
    }

    private sealed record Recorded(string Pool, string Options);
}
