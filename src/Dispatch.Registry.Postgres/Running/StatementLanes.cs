using System.Threading.Channels;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Changes;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Shelves;
using Dispatch.Registry.Postgres.Slices;
using Npgsql;

namespace Dispatch.Registry.Postgres.Running;

/// <summary>
/// Runs statements in batches: the rows of all of them are locked and read in one round trip, decided on here one after the other, and written in a second, which
/// commits. Whatever comes meanwhile is the next batch. So a lock lives for one round trip, and many statements cost what one does. Where this process remembers all rows
/// of a batch, it is decided on those and only written, on condition that every row has the version that is remembered. Asks that touch no worker have
/// a lane of their own beside the one of what moves leases: the two do not wait for each other's rows.
/// </summary>
internal sealed class StatementLanes : IAsyncDisposable
{
    /// <summary>How often a batch is decided anew because it looked at a row that was not read: each time more are read, so that it ends.</summary>
    private const int GrowthsMax = 1000;

    private readonly Database database;
    private readonly PoolSet pools;
    private readonly RegistryOptions options;
    private readonly PostgresOptions postgres;
    private readonly TimeProvider time;
    private readonly Func<LeaseId> newLease;
    private readonly JobShelf jobs;
    private readonly WorkerShelf workers;
    private readonly ChangeTeller teller;
    private readonly SliceReader reader;
    private readonly SliceWriter writer;
    private readonly SliceRecall recall;
    private readonly Channel<QueuedStatement> asks;
    private readonly Channel<QueuedStatement> moves;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task[] lanes;

    public StatementLanes(
        Database database, PoolSet pools, RegistryOptions options, PostgresOptions postgres, TimeProvider time, Func<LeaseId>? newLease, JobShelf jobs, WorkerShelf workers, ChangeTeller teller,
        BrokenRows brokenRows)
    {
        this.database = database;
        this.pools = pools;
        this.options = options;
        this.postgres = postgres;
        this.time = time;
        this.newLease = newLease ?? (static () => new LeaseId(Guid.NewGuid().ToString("N")));
        this.jobs = jobs;
        this.workers = workers;
        this.teller = teller;
        var stock = new NewcomerStock(time, postgres.Alone);
        var room = new QueueRoom(pools, workers);
        reader = new SliceReader(jobs, workers, stock, room, brokenRows, postgres.CallWithin);
        writer = new SliceWriter(postgres.CallWithin);
        recall = new SliceRecall(jobs, workers, stock, room);
        asks = Channel.CreateBounded<QueuedStatement>(new BoundedChannelOptions(postgres.WaitingCallsMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        moves = Channel.CreateBounded<QueuedStatement>(new BoundedChannelOptions(postgres.WaitingCallsMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        lanes = [Task.Run(() => ServeAsync(asks.Reader)), Task.Run(() => ServeAsync(moves.Reader))];
    }

    /// <summary>Runs one statement, in a batch with whatever else waits.</summary>
    /// <exception cref="DispatchException"><c>RegistryUnavailable</c> within the bound of a call.</exception>
    public Task<T> RunAsync<T>(Action<SliceKeys> keys, Func<SliceBook, T> decide, CancellationToken cancellationToken) => RunAsync(moves, keys, decide, cancellationToken);

    /// <summary>Runs one statement that may make a row, and touches no worker.</summary>
    /// <exception cref="DispatchException"><c>RegistryUnavailable</c> within the bound of a call.</exception>
    public Task<T> RunAskAsync<T>(Action<SliceKeys> keys, Func<SliceBook, T> decide, CancellationToken cancellationToken) => RunAsync(asks, keys, decide, cancellationToken);

    private async Task<T> RunAsync<T>(Channel<QueuedStatement> lane, Action<SliceKeys> keys, Func<SliceBook, T> decide, CancellationToken cancellationToken)
    {
        var statement = new QueuedStatement<T>(keys, decide);
        if (!lane.Writer.TryWrite(statement))
            throw new DispatchException(ErrorCode.RegistryUnavailable, $"The registry does not answer: {postgres.WaitingCallsMax} calls wait for database {database.Address.Name}, which is the limit.");
        try
        {
            return await statement.Answer.WaitAsync(postgres.CallWithin, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            statement.Abandoned = true;
            throw new DispatchException(ErrorCode.RegistryUnavailable, $"The registry does not answer: database {database.Address.Name} took longer than {postgres.CallWithin.TotalSeconds:0.#} s.", error);
        }
        catch (OperationCanceledException)
        {
            statement.Abandoned = true;
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        asks.Writer.TryComplete();
        moves.Writer.TryComplete();
        await stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(lanes).ConfigureAwait(false);
        stopping.Dispose();
    }

    private async Task ServeAsync(ChannelReader<QueuedStatement> waiting)
    {
        var connection = new KeptConnection(database);
        await using var closing = connection.ConfigureAwait(false);
        var batch = new List<QueuedStatement>();
        while (await waiting.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < postgres.BatchMax && waiting.TryRead(out var statement))
            {
                if (!statement.Abandoned) batch.Add(statement);
            }

            if (batch.Count > 0) await RunAsync(connection, batch).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(KeptConnection connection, List<QueuedStatement> batch)
    {
        try
        {
            await DecideAndWriteAsync(connection, batch).ConfigureAwait(false);
        }
        catch (Exception error) when (DatabaseErrors.IsOfOne(error) && batch.Count > 1)
        {
            // One of them is what the database refuses, or needs a row that is locked: each for itself, side by side, so that the others go on.
            await connection.DisposeAsync().ConfigureAwait(false);
            var together = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, postgres.ConnectionsMax / 2) };
            await Parallel.ForEachAsync(batch, together, async (statement, _) => await RunAloneAsync(statement).ConfigureAwait(false)).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was, whoever waits is told.
        catch (Exception error)
#pragma warning restore CA1031
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            foreach (var statement in batch) statement.Fail(error is DispatchException ? error : DatabaseErrors.Told(database.Address, error));
        }
    }

    private async Task RunAloneAsync(QueuedStatement statement)
    {
        var connection = new KeptConnection(database);
        await using (connection.ConfigureAwait(false)) await RunAsync(connection, [statement]).ConfigureAwait(false);
    }

    /// <summary>Tries until the rows that were read were all that was needed, and nobody was faster.</summary>
    private async Task DecideAndWriteAsync(KeptConnection kept, List<QueuedStatement> batch)
    {
        var keys = new SliceKeys();
        foreach (var statement in batch) statement.AddKeys(keys);
        var connection = await kept.OpenAsync(stopping.Token).ConfigureAwait(false);
        if (await TryRememberedAsync(connection, keys, batch).ConfigureAwait(false)) return;
        for (int tries = 1, growths = 0; ;)
        {
            try
            {
                var slice = await reader.LockAsync(connection, keys, stopping.Token).ConfigureAwait(false);
                foreach (var state in slice.Jobs.Values.OfType<StoredJobState>()) jobs.Put(state);
                var (book, decided) = Decide(slice, batch);
                await WriteAsync(connection, slice, book).ConfigureAwait(false);
                foreach (var statement in decided) statement.Complete();
                return;
            }
            catch (SliceTooSmallException small) when (growths < GrowthsMax)
            {
                growths++;
                await Database.RollbackAsync(connection).ConfigureAwait(false);
                small.Grow(keys);
            }
            catch (Exception error) when (tries < postgres.TriesMax && DatabaseErrors.IsRace(error))
            {
                tries++;
                await Database.RollbackAsync(connection).ConfigureAwait(false);
            }
            catch
            {
                await Database.RollbackAsync(connection).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Decides on what this process remembers, and writes in one round trip, where every row is still as it is remembered.</summary>
    /// <returns>False where it is not: nothing has happened.</returns>
    private async Task<bool> TryRememberedAsync(NpgsqlConnection connection, SliceKeys keys, List<QueuedStatement> batch)
    {
        if (recall.Find(keys) is not { } slice) return false;
        try
        {
            var (book, decided) = Decide(slice, batch);
            // What is not written is not compared either.
            if (book.ChangedJobs.Count == 0 && book.ChangedWorkers.Count == 0) return false;
            if (slice.Newcomers && slice.Jobs.Any(pair => pair.Value is null && !book.ChangedJobs.ContainsKey(pair.Key))) return false;
            await WriteAsync(connection, slice, book).ConfigureAwait(false);
            foreach (var statement in decided) statement.Complete();
            return true;
        }
        catch (SliceTooSmallException small)
        {
            small.Grow(keys);
            return false;
        }
        catch (Exception error) when (DatabaseErrors.IsRace(error))
        {
            // A job that was there already is no sign that somebody else works on what is remembered.
            if (!slice.Newcomers || slice.Workers.Count > 0) recall.Missed();
            return false;
        }
    }

    /// <summary>Decides on all statements that can be; one that meets a broken row, or is refused with an exception, is told so and leaves nothing behind.</summary>
    private (SliceBook Book, List<QueuedStatement> Decided) Decide(Slice slice, List<QueuedStatement> batch)
    {
        var left = new List<QueuedStatement>(batch);
        while (true)
        {
            QueuedStatement? current = null;
            var book = new SliceBook(slice, pools, options, time, () => current!.Lease(newLease));
            try
            {
                foreach (var statement in left)
                {
                    current = statement;
                    statement.Decide(book);
                }

                book.NoteRows();
                return (book, left);
            }
            catch (SliceTooSmallException)
            {
                throw;
            }
#pragma warning disable CA1031 // It is the statement's own, and its caller gets it.
            catch (Exception error)
#pragma warning restore CA1031
            {
                current!.Fail(error);
                left.Remove(current);
                batch.Remove(current);
            }
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection, Slice slice, SliceBook book)
    {
        if (book.ChangedJobs.Count == 0 && book.ChangedWorkers.Count == 0)
        {
            await Database.RollbackAsync(connection).ConfigureAwait(false);
            return;
        }

        // Made before the commit: what is in force may not fail any more.
        var states = book.ChangedWorkers.ToDictionary(pair => pair.Key, pair => (State: book.StateOf(pair.Value, version: 0), View: book.ViewOf(pair.Value)));
        var written = await writer.CommitAsync(connection, slice, book, stopping.Token).ConfigureAwait(false);
        foreach (var (job, version) in written.Jobs)
        {
            if (version is { } number) jobs.Put(new StoredJobState(book.ChangedJobs[job], number));
            else jobs.Drop(job);
        }

        foreach (var (worker, version) in written.Workers)
        {
            // What a worker has beside a broken row is not remembered: the row may be mended.
            if (slice.BrokenJobs.Count > 0) workers.Drop(worker);
            else workers.Put(states[worker].State with { Version = version }, states[worker].View);
        }

        teller.Tell(book.Changes, book.Joined);
    }
}
