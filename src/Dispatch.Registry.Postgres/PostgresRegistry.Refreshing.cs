using Dapper;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Slices;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres;

/// <content>Keeping what is remembered of workers and queues fresh.</content>
public sealed partial class PostgresRegistry
{
    /// <summary>Reads the workers that others have changed; nothing where none has.</summary>
    private async Task RefreshWorkersAsync(CancellationToken cancellationToken)
    {
        if (workers.Fresh) return;
        await refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (workers.Fresh) return;
            var stale = workers.TakeStale();
            var known = stale is null ? workers.All() : workers.Known(stale);
            var which = stale is null ? "" : "WHERE w.worker = ANY(@workers)";
            var sql = $"""
                SELECT w.worker AS "Key", w.version AS "Version" FROM worker w {which};
                SELECT * FROM ({WorkerDocument.Select} {which}{(stale is null ? " WHERE" : " AND")}
                    NOT EXISTS (SELECT 1 FROM unnest(@knownWorkers, @knownVersions) k (worker, version) WHERE k.worker = w.worker AND k.version = w.version)) changed;
                """;
            var arguments = new
            {
                workers = stale?.Select(worker => worker.Value).ToArray() ?? [],
                knownWorkers = known.Select(one => one.Row.Worker.Value).ToArray(),
                knownVersions = known.Select(one => one.Version).ToArray(),
            };
            await database.UseAsync(
                async (connection, token) =>
                {
                    var grid = await connection.QueryMultipleAsync(Command(sql, arguments, token)).ConfigureAwait(false);
                    await using (grid.ConfigureAwait(false))
                    {
                        var there = (await grid.ReadAsync<Versioned>().ConfigureAwait(false)).Select(one => new WorkerId(one.Key)).ToHashSet();
                        var unreadable = new Dictionary<WorkerId, DispatchException>();
                        foreach (var document in await grid.ReadAsync<Keyed>().ConfigureAwait(false)) Take(document, there, unreadable, raises: stale is null);
                        workers.Looked(there, stale, unreadable);
                        return true;
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            workers.MissAll();
            throw;
        }
        finally
        {
            refreshing.Release();
        }
    }

    private void Take(Keyed document, HashSet<WorkerId> there, Dictionary<WorkerId, DispatchException> unreadable, bool raises)
    {
        var worker = new WorkerId(document.Key);
        var (state, broken) = WorkerDocument.Read(worker, document.Json);
        if (broken is not null)
        {
            // Nothing is offered to a worker of whom nothing certain is known.
            there.Remove(worker);
            unreadable[worker] = broken;
            brokenRows.Tell(broken);
        }

        // What nobody told of may have become free.
        if (state is not null && workers.Put(state, ViewOf(state)) && raises) workers.CapacityAppeared(state.Row.Pool);
    }

    /// <summary>The poll behind the notices.</summary>
    private async Task LookAtEverythingAsync(CancellationToken cancellationToken)
    {
        await RefreshWorkersAsync(cancellationToken).ConfigureAwait(false);
        var waiting = await database.UseAsync(
            (connection, token) => connection.QueryAsync<Versioned>(Command("""SELECT pool AS "Key", count(*) AS "Version" FROM queue GROUP BY pool""", null, token)), cancellationToken).ConfigureAwait(false);
        workers.Counted(waiting.ToDictionary(one => one.Key, one => one.Version, StringComparer.Ordinal));
    }

    private CandidateView ViewOf(StoredWorkerState state) => new SliceBook(new Slice(), pools, options, time, newLease: null).ViewOf(state);
}
