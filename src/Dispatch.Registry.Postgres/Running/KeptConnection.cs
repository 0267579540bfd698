using System.Data;
using Npgsql;

namespace Dispatch.Registry.Postgres.Running;

/// <summary>
/// A connection that one lane keeps between its batches: the same server process has at hand what the batch before needed, where a pool would hand out one after the other. Given up
/// after a fault, and where this process was out in between: it may be of before an outage.
/// </summary>
internal sealed class KeptConnection(Database database) : IAsyncDisposable
{
    private NpgsqlConnection? connection;
    private long entry;

    /// <summary>The connection, once this process is in.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await database.EnteredAsync(cancellationToken).ConfigureAwait(false);
        if (connection is { FullState: ConnectionState.Open } kept && entry == database.Entries) return kept;
        await DisposeAsync().ConfigureAwait(false);
        entry = database.Entries;
        return connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives it up; the next batch has another.</summary>
    public async ValueTask DisposeAsync()
    {
        if (connection is { } kept) await kept.DisposeAsync().ConfigureAwait(false);
        connection = null;
    }
}
