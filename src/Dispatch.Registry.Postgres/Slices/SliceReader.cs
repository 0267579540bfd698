using Dapper;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Shelves;
using Npgsql;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>Reads the rows that a batch needs in one round trip. What this process has with the same version is not sent again.</summary>
internal sealed class SliceReader(JobShelf jobShelf, WorkerShelf workerShelf, TimeSpan within)
{
    // Workers before jobs, each by id: whoever locks does it in this order, so that nobody waits in a circle.
    private const string LockWorkers = """SELECT worker AS "Key", version AS "Version" FROM worker WHERE worker = ANY(@workers) ORDER BY worker FOR UPDATE;""";

    private const string JobKeys = """
        ARRAY(SELECT unnest(@jobs) UNION SELECT job FROM lease WHERE lease = ANY(@leases) UNION SELECT job FROM lease WHERE holder = ANY(@whole))
        """;

    private const string LockJobs = $"""SELECT job AS "Key", version AS "Version" FROM job WHERE job = ANY({JobKeys}) ORDER BY job FOR UPDATE;""";

    private const string ReadWorkers = $"""
        {WorkerDocument.Select} WHERE w.worker = ANY(@workers)
            AND NOT EXISTS (SELECT 1 FROM unnest(@knownWorkers, @knownWorkerVersions) k (worker, version) WHERE k.worker = w.worker AND k.version = w.version);
        """;

    private const string ReadJobs = $"""
        {JobDocument.Select} WHERE j.job = ANY({JobKeys})
            AND NOT EXISTS (SELECT 1 FROM unnest(@knownJobs, @knownJobVersions) k (job, version) WHERE k.job = j.job AND k.version = j.version);
        """;

    private const string ReadLeases = """SELECT row_to_json(l)::text FROM lease l WHERE l.lease = ANY(@leases);""";

    private const string ReadNumbers = """SELECT nextval('row_number') FROM generate_series(1, @numbers); SELECT fence_floor FROM registry;""";

    // Counting stops where the pool is full anyway.
    private const string ReadWaiting = """
        SELECT p.pool AS "Key", (SELECT count(*) FROM (SELECT 1 FROM queue q WHERE q.pool = p.pool LIMIT p.most) counted) AS "Version" FROM unnest(@pools, @waitingMax) p (pool, most);
        """;

    private const string ReadWorkersCount = "SELECT count(*) FROM worker;";

    /// <summary>Begins a transaction, locks and reads.</summary>
    /// <param name="connection">The connection; the transaction is left open on it.</param>
    /// <param name="keys">Which rows.</param>
    /// <param name="waitingMax">How many may wait in a pool.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The rows.</returns>
    public async Task<Slice> LockAsync(NpgsqlConnection connection, SliceKeys keys, Func<string, int> waitingMax, CancellationToken cancellationToken)
    {
        keys.Workers.UnionWith(keys.Whole);
        var knownWorkers = workerShelf.Known(keys.Workers);
        var knownJobs = jobShelf.Known(keys.Jobs, keys.Leases);
        var sql = "BEGIN;" + LockWorkers + LockJobs + ReadWorkers + ReadJobs
            + (keys.Leases.Count > 0 ? ReadLeases : "") + (keys.Numbers > 0 ? ReadNumbers : "") + (keys.Pools.Count > 0 ? ReadWaiting : "") + (keys.NewWorker ? ReadWorkersCount : "");
        var arguments = new
        {
            workers = Texts(keys.Workers.Select(one => one.Value)),
            whole = Texts(keys.Whole.Select(one => one.Value)),
            jobs = Texts(keys.Jobs.Select(one => one.Value)),
            leases = Texts(keys.Leases.Select(one => one.Value)),
            knownWorkers = knownWorkers.Select(one => one.Row.Worker.Value).ToArray(),
            knownWorkerVersions = knownWorkers.Select(one => one.Version).ToArray(),
            knownJobs = knownJobs.Select(one => one.State.Job.Value).ToArray(),
            knownJobVersions = knownJobs.Select(one => one.Version).ToArray(),
            numbers = keys.Numbers,
            pools = keys.Pools.ToArray(),
            waitingMax = keys.Pools.Select(pool => (long)waitingMax(pool)).ToArray(),
        };
        var command = new CommandDefinition(sql, arguments, commandTimeout: (int)Math.Ceiling(within.TotalSeconds), cancellationToken: cancellationToken);
        var grid = await connection.QueryMultipleAsync(command).ConfigureAwait(false);
        await using (grid.ConfigureAwait(false))
        {
            var slice = new Slice();
            var workerVersions = await grid.ReadAsync<Versioned>().ConfigureAwait(false);
            var jobVersions = await grid.ReadAsync<Versioned>().ConfigureAwait(false);
            Fill(slice, workerVersions, await grid.ReadAsync<Keyed>().ConfigureAwait(false), knownWorkers, keys);
            Fill(slice, jobVersions, await grid.ReadAsync<Keyed>().ConfigureAwait(false), knownJobs, keys);
            if (keys.Leases.Count > 0)
            {
                foreach (var lease in keys.Leases) slice.Leases[lease] = null;
                foreach (var lease in (await grid.ReadAsync<string>().ConfigureAwait(false)).Select(RowJson.Read<StoredLease>)) slice.Leases[lease.Lease] = lease;
            }

            if (keys.Numbers > 0)
            {
                slice.Numbers = [.. await grid.ReadAsync<long>().ConfigureAwait(false)];
                slice.FenceFloor = await grid.ReadSingleAsync<long>().ConfigureAwait(false);
            }

            if (keys.Pools.Count > 0)
            {
                foreach (var pool in await grid.ReadAsync<Versioned>().ConfigureAwait(false)) slice.Waiting[pool.Key] = pool.Version;
            }

            if (keys.NewWorker) slice.WorkersCount = await grid.ReadSingleAsync<long>().ConfigureAwait(false);
            return slice;
        }
    }

    private static string[] Texts(IEnumerable<string> values) => [.. values];

    private static void Fill(Slice slice, IEnumerable<Versioned> versions, IEnumerable<Keyed> documents, IReadOnlyList<StoredWorkerState> known, SliceKeys keys)
    {
        foreach (var worker in keys.Workers) slice.Workers[worker] = null;
        var there = versions.ToDictionary(one => new WorkerId(one.Key), one => one.Version);
        foreach (var state in known)
        {
            if (there.TryGetValue(state.Row.Worker, out var version) && version == state.Version) slice.Workers[state.Row.Worker] = state;
        }

        foreach (var document in documents)
        {
            var worker = new WorkerId(document.Key);
            var (state, broken) = WorkerDocument.Read(worker, document.Json);
            if (state is not null) slice.Workers[worker] = state;
            if (broken is null) continue;
            slice.Workers.Remove(worker);
            slice.BrokenWorkers[worker] = broken;
        }
    }

    private static void Fill(Slice slice, IEnumerable<Versioned> versions, IEnumerable<Keyed> documents, IReadOnlyList<StoredJobState> known, SliceKeys keys)
    {
        foreach (var job in keys.Jobs) slice.Jobs[job] = null;
        var there = versions.ToDictionary(one => new JobId(one.Key), one => one.Version);
        foreach (var state in known)
        {
            if (there.TryGetValue(state.State.Job, out var version) && version == state.Version) slice.Jobs[state.State.Job] = state;
        }

        foreach (var document in documents)
        {
            var job = new JobId(document.Key);
            var (state, broken) = JobDocument.Read(job, document.Json);
            if (state is not null) slice.Jobs[job] = state;
            if (broken is null) continue;
            slice.Jobs.Remove(job);
            slice.BrokenJobs[job] = broken;
        }
    }
}

/// <summary>A key with a number.</summary>
internal sealed record Versioned(string Key, long Version);

/// <summary>A key with a document.</summary>
internal sealed record Keyed(string Key, string Json);
