using Dapper;
using Dispatch.Registry.Loops;
using Dispatch.Registry.Postgres.Shelves;
using Microsoft.Extensions.Logging;

namespace Dispatch.Registry.Postgres.Changes;

/// <summary>Tells of changes: those of this process at once here, and every few milliseconds, together, to the other processes. Never inside a transaction, where it takes a global lock.</summary>
internal sealed class ChangeTeller : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A notice that is lost with the server costs a poll: nobody waits until it is on disk.
    private const string Notify = "SELECT set_config('synchronous_commit', 'off', true); SELECT pg_notify(@channel, n) FROM unnest(@notices) n";

    private readonly Database database;
    private readonly PostgresOptions options;
    private readonly WorkerShelf workers;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim due = new(0, 1);
    private readonly SteadyTurns steady;
    private readonly Task telling;
    private List<RegistryChange> pending = [];
    private Dictionary<string, int> joined = new(StringComparer.Ordinal);
    private bool everything;
    private Action<RegistryChange>[] observers = [];

    public ChangeTeller(Database database, PostgresOptions options, WorkerShelf workers, ILogger logger)
    {
        this.database = database;
        this.options = options;
        this.workers = workers;
        steady = new SteadyTurns("Telling other processes of changes", TimeProvider.System, logger);
        telling = options.Alone ? Task.CompletedTask : Task.Run(TellOthersAsync);
    }

    /// <summary>Which process this is: it does not listen to itself.</summary>
    public string Origin { get; } = Guid.NewGuid().ToString("N");

    public IDisposable Subscribe(Action<RegistryChange> observer)
    {
        lock (gate) observers = [.. observers, observer];
        return new Subscription(this, observer);
    }

    /// <summary>Tells what a batch of this process changed.</summary>
    public void Tell(IReadOnlyList<RegistryChange> changes, IReadOnlyDictionary<string, int> queues)
    {
        foreach (var (pool, change) in queues) workers.Joined(pool, change);
        if (!options.Alone) Note(changes, queues);
        TellHere(changes);
    }

    private void Note(IReadOnlyList<RegistryChange> changes, IReadOnlyDictionary<string, int> queues)
    {
        lock (gate)
        {
            if (pending.Count + changes.Count > options.ToldMax) everything = true;
            else pending.AddRange(changes);
            foreach (var (pool, change) in queues) joined[pool] = joined.GetValueOrDefault(pool) + change;
            if (due.CurrentCount == 0) due.Release();
        }
    }

    /// <summary>Tells this process.</summary>
    public void TellHere(IReadOnlyList<RegistryChange> changes)
    {
        var listeners = Volatile.Read(ref observers);
        foreach (var change in changes)
        {
            if (change.Kind == RegistryChangeKind.CapacityAppeared) workers.CapacityAppeared(change.Pool);
        }

        foreach (var change in changes)
        {
            foreach (var listener in listeners) listener(change);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        due.Dispose();
    }

    private async Task TellOthersAsync()
    {
        while (true)
        {
            await due.WaitAsync(stopping.Token).ConfigureAwait(false);
            await Task.Delay(options.TellEvery, stopping.Token).ConfigureAwait(false);
            var notices = Take();
            if (await steady.TakeAsync(_ => TellOthersAsync(notices), stopping.Token).ConfigureAwait(false)) continue;
            // What was not told is made good by telling everything once the database is back; until then the others poll.
            lock (gate)
            {
                everything = true;
                if (due.CurrentCount == 0) due.Release();
            }

            await Task.Delay(Pause, stopping.Token).ConfigureAwait(false);
        }
    }

    private Task<int> TellOthersAsync(string[] notices) => database.UseAsync(
        (connection, token) => connection.ExecuteAsync(new CommandDefinition(Notify, new { channel = ChangeNotice.Channel, notices }, cancellationToken: token)), stopping.Token);

    private string[] Take()
    {
        lock (gate)
        {
            var notices = ChangeNotice.Of(Origin, everything ? [] : pending, joined, everything).Select(notice => notice.Text()).ToArray();
            pending = [];
            joined = new(StringComparer.Ordinal);
            everything = false;
            return notices;
        }
    }

    private sealed class Subscription(ChangeTeller teller, Action<RegistryChange> observer) : IDisposable
    {
        public void Dispose()
        {
            lock (teller.gate) teller.observers = [.. teller.observers.Where(one => one != observer)];
        }
    }
}
