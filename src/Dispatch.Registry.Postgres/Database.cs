using Dapper;
using Dispatch.Registry.Postgres.Presence;
using Npgsql;

namespace Dispatch.Registry.Postgres;

/// <summary>The connections of one process.</summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly NpgsqlDataSource source;
    private readonly TimeSpan within;

    private readonly PresenceState presence;
    private long entries;

    /// <summary>So many waits for a row fit a call. Where somebody has locked one, a call waits for up to three: two of the batch before its own (together, then each by itself), and its own's.</summary>
    private const int LocksPerCall = 4;

    public Database(DatabaseAddress address, PostgresOptions options, PresenceState presence)
    {
        this.presence = presence;
        Address = address;
        within = options.CallWithin;
        var milliseconds = (int)options.CallWithin.TotalMilliseconds;
        var builder = new NpgsqlConnectionStringBuilder(address.ConnectionString)
        {
            SearchPath = Migrations.DatabaseMigrations.Schema,
            Timezone = "UTC",
            ApplicationName = "dispatch",
            // Preparing halves what a statement costs; what a session has set stays set.
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            MaxPoolSize = options.ConnectionsMax,
            Timeout = Math.Max(1, (int)options.CallWithin.TotalSeconds),
            CommandTimeout = Math.Max(1, (int)Math.Ceiling(options.CallWithin.TotalSeconds)),
            // Every statement finds its rows by an index, however small the tables were when it was planned: it is planned once. A process that stands still must not hold
            // rows: the server ends its transaction.
            Options = "-c dispatch.writer=registry -c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off "
                + $"-c lock_timeout={milliseconds / LocksPerCall} -c statement_timeout={milliseconds * 2} -c idle_in_transaction_session_timeout={milliseconds * 2}",
        };
        source = NpgsqlDataSource.Create(builder);
        OwnConnectionString = new NpgsqlConnectionStringBuilder(builder.ConnectionString) { Pooling = false, KeepAlive = 5, Options = "" }.ConnectionString;
    }

    public DatabaseAddress Address { get; }

    /// <summary>For a connection that is kept for itself: to listen, or to hold an advisory lock.</summary>
    public string OwnConnectionString { get; }

    /// <summary>How often this process came in: a connection of before is not used any more.</summary>
    public long Entries => Volatile.Read(ref entries);

    /// <summary>Ends once this process is in.</summary>
    /// <exception cref="Contracts.Errors.DispatchException">It is not, and why.</exception>
    public ValueTask EnteredAsync(CancellationToken cancellationToken) =>
        presence.Entered.IsCompletedSuccessfully ? default : new ValueTask(presence.Entered.WaitAsync(cancellationToken));

    /// <summary>A connection, once this process is in.</summary>
    /// <exception cref="Contracts.Errors.DispatchException">It is not, and why.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await EnteredAsync(cancellationToken).ConfigureAwait(false);
        return await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes what is idle: connections of before an outage are broken, and each would fail one call.</summary>
    public void Renew()
    {
        Interlocked.Increment(ref entries);
        source.Clear();
    }

    /// <summary>Reads, or does one statement that is whole by itself, within the bound of a call.</summary>
    /// <exception cref="Contracts.Errors.DispatchException"><c>RegistryUnavailable</c> where the database does not answer.</exception>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(within);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var connection = await OpenAsync(either.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false)) return await use(connection, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException or OperationCanceledException)
        {
            throw DatabaseErrors.Told(Address, error);
        }
    }

    /// <summary>Ends the transaction on a connection, where there is still one.</summary>
    public static async Task RollbackAsync(NpgsqlConnection connection)
    {
        if (connection.FullState is not System.Data.ConnectionState.Open) return;
        try
        {
            await connection.ExecuteAsync("ROLLBACK;").ConfigureAwait(false);
        }
        catch (Exception error) when (DatabaseErrors.IsOutage(error))
        {
            // The connection is gone, and the transaction with it.
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
