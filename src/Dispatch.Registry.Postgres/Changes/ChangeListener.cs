using Dapper;
using Dispatch.Contracts.Errors;
using Dispatch.Registry.Loops;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Presence;
using Dispatch.Registry.Postgres.Shelves;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dispatch.Registry.Postgres.Changes;

/// <summary>
/// Comes in, hears what other processes changed, and comes in again when it was cut off. The connection on which it listens is what shows this process to the others. A poll
/// stands behind lost notices.
/// </summary>
internal sealed partial class ChangeListener : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Database database;
    private readonly PoolSet pools;
    private readonly PostgresOptions options;
    private readonly PresenceState presence;
    private readonly WorkerShelf workers;
    private readonly ChangeTeller teller;
    private readonly Func<CancellationToken, Task> lookAtEverything;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SteadyTurns steady;
    private readonly Task loop;
    private long enteredAt;

    /// <summary>Begins to listen; what is kept of workers and queues is read again by the function given.</summary>
    public ChangeListener(
        Database database, PoolSet pools, PostgresOptions options, PresenceState presence, WorkerShelf workers, ChangeTeller teller, Func<CancellationToken, Task> lookAtEverything, ILogger logger)
    {
        this.database = database;
        this.pools = pools;
        this.options = options;
        this.presence = presence;
        this.workers = workers;
        this.teller = teller;
        this.lookAtEverything = lookAtEverything;
        this.logger = logger;
        steady = new SteadyTurns($"Listening to other processes at database {database.Address.Name}", TimeProvider.System, logger);
        loop = Task.Run(ListenAsync);
    }

    /// <summary>Ends when the first LISTEN is in force.</summary>
    public Task Listening => listening.Task;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task ListenAsync()
    {
        while (true)
        {
            try
            {
                await ListenOnceAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                if (presence.Ended.IsCompleted) return;
                workers.Deaf();
                var why = error as DispatchException ?? DatabaseErrors.Told(database.Address, error);
                // Who opens a registry is told by its tasks why that fails; once it was in, the log says it.
                if (enteredAt > 0) steady.Missed(DatabaseErrors.IsOutage(error) ? why : error);
                // A connection that broke may be made again at once; one that could not be made is tried again and again.
                if (presence.Entered.IsCompletedSuccessfully && Environment.TickCount64 - enteredAt > Pause.TotalMilliseconds)
                {
                    presence.Leave();
                    continue;
                }

                presence.Fail(why);
                // What may last: whoever opens it is told at once.
                if (why is UsableLaterException || !DatabaseErrors.IsOutage(error)) listening.TrySetException(why);
            }

            await Task.Delay(Pause, stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task ListenOnceAsync()
    {
        var connection = new NpgsqlConnection(database.OwnConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(stopping.Token).ConfigureAwait(false);
            var entry = await Entrance.EnterAsync(connection, database.Address, pools, options, stopping.Token).ConfigureAwait(false);
            if (entry.Refusal is { } refusal) throw Refused(refusal, entry.Final);
            connection.Notification += (_, notice) => Hear(notice.Payload);
            await connection.ExecuteAsync($"LISTEN {ChangeNotice.Channel}").ConfigureAwait(false);
            database.Renew();
            presence.Enter();
            enteredAt = Environment.TickCount64;
            listening.TrySetResult();
            while (true)
            {
                // What was told before this connection listened is in what is read now.
                workers.MissAll();
                await lookAtEverything(stopping.Token).ConfigureAwait(false);
                steady.Taken();
                var until = Environment.TickCount64 + (long)options.PollEvery.TotalMilliseconds;
                while (until - Environment.TickCount64 is > 0 and var left) await connection.WaitAsync(TimeSpan.FromMilliseconds(left), stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private UsableLaterException Refused(string refusal, bool final)
    {
        var why = new UsableLaterException("refused", refusal);
        if (final) End(why);
        return why;
    }

    private void End(DispatchException why)
    {
        if (enteredAt > 0) LogEnded(why.Message);
        listening.TrySetException(why);
        presence.End(why);
    }

    private void Hear(string text)
    {
        if (ChangeNotice.Read(text) is not { } notice || notice.Origin == teller.Origin) return;
        if (notice.Everything) workers.MissAll();
        foreach (var (pool, change) in notice.Joined) workers.Joined(pool, change);
        RegistryChange[] changes = [.. notice.Changes.Select(told => told.Change())];
        foreach (var change in changes)
        {
            if (change is { Kind: RegistryChangeKind.CapacityAppeared or RegistryChangeKind.WorkerChanged or RegistryChangeKind.JobChanged, Worker: { } worker }) workers.Miss(worker);
        }

        teller.TellHere(changes);
    }

    [LoggerMessage(EventId = 3103, Level = LogLevel.Error, Message = "This process works with its registry no more: {Why}")]
    private partial void LogEnded(string why);
}
