using Dapper;
using Npgsql;

namespace Dispatch.Registry.Postgres.Presence;

/// <summary>The one row of table <c>registry</c>: the Temporal namespace that all processes of a database work with. The first process writes its own.</summary>
internal static class TemporalRecord
{
    private const string Select = """SELECT temporal_id AS "Id", temporal_name AS "Name" FROM registry WHERE temporal_id IS NOT NULL""";

    /// <summary>Reads what is recorded; where nothing is, records a process's own. Of several first processes one records, and the others read that.</summary>
    public static async Task<TemporalNamespace> ReadOrRecordAsync(NpgsqlConnection connection, TemporalNamespace own, CancellationToken cancellationToken)
    {
        const string record = "UPDATE registry SET temporal_id = @Id, temporal_name = @Name WHERE temporal_id IS NULL";
        if (await ReadAsync(connection, cancellationToken).ConfigureAwait(false) is { } recorded) return recorded;
        await connection.ExecuteAsync(new CommandDefinition(record, own, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return await ReadAsync(connection, cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException("Table registry has no row.");
    }

    /// <summary>Reads what is recorded, if anything is.</summary>
    public static Task<TemporalNamespace?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<TemporalNamespace?>(new CommandDefinition(Select, cancellationToken: cancellationToken));

    /// <summary>The next process records its own.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition("UPDATE registry SET temporal_id = NULL, temporal_name = NULL", cancellationToken: cancellationToken));
}
