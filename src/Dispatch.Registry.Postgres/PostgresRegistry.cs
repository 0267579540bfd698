using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Changes;
using Dispatch.Registry.Postgres.Migrations;
using Dispatch.Registry.Postgres.Presence;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Running;
using Dispatch.Registry.Postgres.Shelves;
using Dispatch.Registry.Queue;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dispatch.Registry.Postgres;

/// <summary>
/// The registry in PostgreSQL, for any number of processes. The rules are the same code as in memory, run here on the rows that a batch has locked and read; the
/// database holds that rows are whole, and that nobody writes what was changed meanwhile.
/// </summary>
public sealed partial class PostgresRegistry : IRegistry, IDuties, IAsyncDisposable
{
    private readonly PoolSet pools;
    private readonly RegistryOptions options;
    private readonly PostgresOptions postgres;
    private readonly TimeProvider time;
    private readonly BrokenRows brokenRows;
    private readonly PresenceState presence = new();
    private readonly Database database;
    private readonly JobShelf jobs;
    private readonly WorkerShelf workers = new();
    private readonly ChangeTeller teller;
    private readonly ChangeListener listener;
    private readonly StatementLanes lanes;
    private readonly Duties duties;
    private readonly SharedReads<(string Pool, int PerShape), IReadOnlyList<WaitingShape>> heads;
    private readonly SemaphoreSlim refreshing = new(1, 1);
    private int disposed;

    /// <summary>Makes a registry on a database; nothing is awaited, a database that does not answer is what calls meet.</summary>
    /// <param name="address">The database; it must be up to date, see <see cref="DatabaseMigrations.CheckAsync"/>.</param>
    /// <param name="pools">The pools; the same in every process.</param>
    /// <param name="options">The limits.</param>
    /// <param name="postgres">How it works with its database; null is all defaults.</param>
    /// <param name="time">The clock of time stamps; no lease ends by it. Null is the system's.</param>
    /// <param name="newLease">Makes lease ids, each unique among all processes; null makes random ones.</param>
    /// <param name="logger">The log.</param>
    public PostgresRegistry(
        DatabaseAddress address, PoolSet pools, RegistryOptions options, PostgresOptions? postgres = null, TimeProvider? time = null, Func<LeaseId>? newLease = null, ILogger<PostgresRegistry>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(pools);
        ArgumentNullException.ThrowIfNull(options);
        this.pools = pools;
        this.options = options;
        this.postgres = postgres ??= new PostgresOptions();
        this.time = time ?? TimeProvider.System;
        ILogger log = logger ?? NullLogger<PostgresRegistry>.Instance;
        brokenRows = new BrokenRows(log);
        database = new Database(address, postgres, presence);
        jobs = new JobShelf(postgres.RememberedJobsMax);
        teller = new ChangeTeller(database, postgres, workers, log);
        lanes = new StatementLanes(database, pools, options, postgres, this.time, newLease, jobs, workers, teller, brokenRows);
        duties = new Duties(database);
        heads = new SharedReads<(string Pool, int PerShape), IReadOnlyList<WaitingShape>>(ReadHeadsAsync);
        listener = new ChangeListener(database, pools, postgres, presence, workers, teller, LookAtEverythingAsync, log);
    }

    /// <summary>Checks a database and makes a registry on it that already hears the other processes.</summary>
    /// <param name="connectionString">The database, as Npgsql writes it or as a <c>postgres://</c> address.</param>
    /// <param name="pools">The pools; the same in every process.</param>
    /// <param name="options">The limits.</param>
    /// <param name="postgres">How it works with its database; null is all defaults.</param>
    /// <param name="time">The clock of time stamps; null is the system's.</param>
    /// <param name="newLease">Makes lease ids; null makes random ones.</param>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <returns>The registry; its owner disposes it.</returns>
    /// <exception cref="DispatchException"><c>RegistryUnavailable</c> where the database does not answer, is not up to date, or records other pools: the message says what to do.</exception>
    public static async Task<PostgresRegistry> OpenAsync(
        string connectionString, PoolSet pools, RegistryOptions options, PostgresOptions? postgres = null, TimeProvider? time = null, Func<LeaseId>? newLease = null,
        ILogger<PostgresRegistry>? logger = null, CancellationToken cancellationToken = default)
    {
        var standing = await DatabaseMigrations.CheckAsync(connectionString, cancellationToken).ConfigureAwait(false);
        if (!standing.Usable) throw new DispatchException(ErrorCode.RegistryUnavailable, standing.Message);
        var registry = new PostgresRegistry(DatabaseAddress.Parse(connectionString), pools, options, postgres, time, newLease, logger);
        try
        {
            await registry.listener.Listening.WaitAsync(registry.postgres.CallWithin * 2, cancellationToken).ConfigureAwait(false);
            return registry;
        }
        catch (DispatchException)
        {
            await registry.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        catch (TimeoutException error)
        {
            await registry.DisposeAsync().ConfigureAwait(false);
            throw new DispatchException(ErrorCode.RegistryUnavailable, $"Database {registry.database.Address.Name} stopped answering while it was opened.", error);
        }
    }

    /// <summary>Ends when this process is among those that have the database open, and goes by the same options of the pools as they; throws where it cannot be now.</summary>
    public Task Entered => presence.Entered;

    /// <summary>Fails when this process may never work with its database again: the options of the pools were changed while it was cut off. Whoever runs it ends it.</summary>
    public Task Ended => presence.Ended;

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<RegistryChange> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return teller.Subscribe(observer);
    }

    /// <inheritdoc/>
    public Task<bool> IsOursAsync(string duty, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(duty);
        return duties.IsOursAsync(duty, cancellationToken);
    }

    /// <summary>Ends the registry's loops and closes its connections; calls under way end with them.</summary>
    /// <returns>A task that ends when all are closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await listener.DisposeAsync().ConfigureAwait(false);
        await duties.DisposeAsync().ConfigureAwait(false);
        await lanes.DisposeAsync().ConfigureAwait(false);
        await teller.DisposeAsync().ConfigureAwait(false);
        await database.DisposeAsync().ConfigureAwait(false);
        refreshing.Dispose();
    }
}
