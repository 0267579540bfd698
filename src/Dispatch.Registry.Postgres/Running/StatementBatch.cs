using Npgsql;

namespace Dispatch.Registry.Postgres.Running;

/// <summary>Statements that are sent together and waited for once. Those that begin no transaction are one all the same: all of them are in force, or none.</summary>
internal sealed class StatementBatch : IAsyncDisposable
{
    private readonly NpgsqlBatch batch;

    /// <summary>Makes an empty one.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="within">How long it may take.</param>
    public StatementBatch(NpgsqlConnection connection, TimeSpan within) => batch = new NpgsqlBatch(connection) { Timeout = Math.Max(1, (int)Math.Ceiling(within.TotalSeconds)) };

    /// <summary>Adds a statement whose first parameter is <c>$1</c>.</summary>
    public void Add(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(value);
        batch.BatchCommands.Add(command);
    }

    /// <summary>A parameter; its type is that of the value, so that nothing is looked up.</summary>
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>Sends all; nobody reads what they answer.</summary>
    public Task ExecuteAsync(CancellationToken cancellationToken) => batch.ExecuteNonQueryAsync(cancellationToken);

    /// <summary>Sends all; the answers are read in the statements' order.</summary>
    public Task<NpgsqlDataReader> ReadAsync(CancellationToken cancellationToken) => batch.ExecuteReaderAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => batch.DisposeAsync();
}
