using Dapper;
using Dispatch.Registry.Postgres.Shelves;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dispatch.Registry.Postgres.Changes;

/// <summary>Hears what other processes changed. A poll stands behind lost notices; while nobody listens all is looked at again and again.</summary>
internal sealed partial class ChangeListener : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Database database;
    private readonly PostgresOptions options;
    private readonly WorkerShelf workers;
    private readonly ChangeTeller teller;
    private readonly Func<CancellationToken, Task> lookAtEverything;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Outage outage = new(TimeProvider.System);
    private readonly Task loop;

    /// <summary>Begins to listen; what is kept of workers and queues is read again by the function given.</summary>
    public ChangeListener(Database database, PostgresOptions options, WorkerShelf workers, ChangeTeller teller, Func<CancellationToken, Task> lookAtEverything, ILogger logger)
    {
        this.database = database;
        this.options = options;
        this.workers = workers;
        this.teller = teller;
        this.lookAtEverything = lookAtEverything;
        this.logger = logger;
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
            catch (Exception error) when (error is Contracts.Errors.DispatchException || DatabaseErrors.IsOutage(error))
            {
                if (outage.Begins()) LogDeaf(error is Contracts.Errors.DispatchException ? error.Message : DatabaseErrors.Unreachable(database.Address, error));
            }

            workers.Deaf();
            await Task.Delay(Pause, stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task ListenOnceAsync()
    {
        var connection = new NpgsqlConnection(database.OwnConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(stopping.Token).ConfigureAwait(false);
            connection.Notification += (_, notice) => Hear(notice.Payload);
            await connection.ExecuteAsync($"LISTEN {ChangeNotice.Channel}").ConfigureAwait(false);
            listening.TrySetResult();
            while (true)
            {
                // What was told before this connection listened is in what is read now.
                workers.MissAll();
                await lookAtEverything(stopping.Token).ConfigureAwait(false);
                if (outage.Ends() is { } lasted) LogHears(database.Address.Name, lasted.TotalSeconds);
                var until = Environment.TickCount64 + (long)options.PollEvery.TotalMilliseconds;
                while (until - Environment.TickCount64 is > 0 and var left) await connection.WaitAsync(TimeSpan.FromMilliseconds(left), stopping.Token).ConfigureAwait(false);
            }
        }
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

    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "Changes of other processes are not heard: {Error} It is tried again and again.")]
    private partial void LogDeaf(string error);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "Database {Database} is heard again, after {Seconds:0.0} s.")]
    private partial void LogHears(string database, double seconds);
}
