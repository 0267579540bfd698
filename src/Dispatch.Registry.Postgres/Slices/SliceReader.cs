using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Running;
using Dispatch.Registry.Postgres.Shelves;
using Npgsql;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>Reads the rows that a batch needs in one round trip. What this process has with the same version is not sent again.</summary>
internal sealed class SliceReader(JobShelf jobShelf, WorkerShelf workerShelf, NewcomerStock stock, QueueRoom room, BrokenRows brokenRows, TimeSpan within)
{
    // Before any row: whoever waits for a turn holds nothing that others need.
    private const string TakeTurns = "SELECT pg_advisory_xact_lock(hashtextextended('dispatch newcomers of pool ' || pool, 0)) FROM unnest($1) pool ORDER BY pool";

    // Workers before jobs, each by id: whoever locks does it in this order, so that nobody waits in a circle.
    private const string LockWorkers = "SELECT worker, version FROM worker WHERE worker = ANY($1) ORDER BY worker FOR UPDATE";

    // Of jobs ($1), leases ($2) and workers that are looked at as a whole ($3).
    private const string JobKeys = """
        ARRAY(SELECT unnest($1) UNION SELECT job FROM lease WHERE lease = ANY($2) UNION SELECT job FROM lease WHERE holder = ANY($3))
        """;

    private const string LockJobs = $"SELECT job, version FROM job WHERE job = ANY({JobKeys}) ORDER BY job FOR UPDATE";

    private const string ReadWorkers = $"""
        {WorkerDocument.Select} WHERE w.worker = ANY($1)
            AND NOT EXISTS (SELECT 1 FROM unnest($2, $3) k (worker, version) WHERE k.worker = w.worker AND k.version = w.version)
        """;

    private const string ReadJobs = $"""
        {JobDocument.Select} WHERE j.job = ANY({JobKeys})
            AND NOT EXISTS (SELECT 1 FROM unnest($4, $5) k (job, version) WHERE k.job = j.job AND k.version = j.version)
        """;

    private const string ReadLeases = "SELECT row_to_json(l)::text FROM lease l WHERE l.lease = ANY($1)";

    private const string DrawNumbers = "SELECT nextval('row_number') FROM generate_series(1, $1)";

    private const string ReadFence = "SELECT fence_floor FROM registry";

    // Counting stops where the pool is full anyway.
    private const string ReadWaiting =
        "SELECT p.pool, (SELECT count(*) FROM (SELECT 1 FROM queue q WHERE q.pool = p.pool LIMIT p.most) counted) FROM unnest($1, $2) p (pool, most)";

    private const string ReadWorkersCount = "SELECT count(*) FROM worker";

    /// <summary>Begins a transaction, locks and reads.</summary>
    /// <param name="connection">The connection; the transaction is left open on it.</param>
    /// <param name="keys">Which rows.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The rows.</returns>
    public async Task<Slice> LockAsync(NpgsqlConnection connection, SliceKeys keys, CancellationToken cancellationToken)
    {
        keys.Workers.UnionWith(keys.Whole);
        var knownWorkers = workerShelf.Known(keys.Workers);
        var knownJobs = jobShelf.Known(keys.Jobs, keys.Leases);
        var slice = new Slice();
        var count = new List<string>();
        foreach (var pool in keys.Pools)
        {
            if (room.FarFromFull(pool) is { } waiting) slice.Waiting[pool] = waiting;
            else count.Add(pool);
        }

        var hasJobs = keys.Jobs.Count + keys.Leases.Count + keys.Whole.Count > 0;
        var batch = new StatementBatch(connection, within);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add("BEGIN");
            if (count.Count > 0) batch.Add(TakeTurns, Texts(count));
            if (keys.Workers.Count > 0) batch.Add(LockWorkers, WorkersOf(keys));
            if (hasJobs) batch.Add(LockJobs, JobsOf(keys), LeasesOf(keys), WholeOf(keys));
            if (keys.Workers.Count > 0) batch.Add(ReadWorkers, WorkersOf(keys), Texts(knownWorkers.Select(one => one.Row.Worker.Value)), Numbers(knownWorkers.Select(one => one.Version)));
            if (hasJobs) batch.Add(ReadJobs, JobsOf(keys), LeasesOf(keys), WholeOf(keys), Texts(knownJobs.Select(one => one.State.Job.Value)), Numbers(knownJobs.Select(one => one.Version)));
            if (keys.Leases.Count > 0) batch.Add(ReadLeases, LeasesOf(keys));
            if (keys.Numbers > 0)
            {
                batch.Add(DrawNumbers, StatementBatch.Value(keys.Numbers + NewcomerStock.DrawnAtOnce));
                batch.Add(ReadFence);
            }

            if (count.Count > 0) batch.Add(ReadWaiting, Texts(count), Numbers(count.Select(pool => (long)room.LimitOf(pool))));
            if (keys.NewWorker) batch.Add(ReadWorkersCount);
            var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var answers = new BatchAnswers(reader, cancellationToken);
                if (count.Count > 0) await answers.SkipAsync().ConfigureAwait(false);
                var workerVersions = keys.Workers.Count > 0 ? await answers.NextAsync(Versioned.Of).ConfigureAwait(false) : [];
                var jobVersions = hasJobs ? await answers.NextAsync(Versioned.Of).ConfigureAwait(false) : [];
                Fill(slice, workerVersions, keys.Workers.Count > 0 ? await answers.NextAsync(Keyed.Of).ConfigureAwait(false) : [], knownWorkers, keys);
                Fill(slice, jobVersions, hasJobs ? await answers.NextAsync(Keyed.Of).ConfigureAwait(false) : [], knownJobs, keys);
                if (keys.Leases.Count > 0)
                {
                    foreach (var lease in keys.Leases) slice.Leases[lease] = null;
                    foreach (var lease in await answers.NextAsync(row => RowJson.Read<StoredLease>(row.GetString(0))).ConfigureAwait(false)) slice.Leases[lease.Lease] = lease;
                }

                if (keys.Numbers > 0)
                {
                    var numbers = await answers.NextAsync(row => row.GetInt64(0)).ConfigureAwait(false);
                    slice.Numbers = numbers[..keys.Numbers];
                    slice.FenceFloor = (await answers.NextAsync(row => row.GetInt64(0)).ConfigureAwait(false))[0];
                    stock.Put(numbers.Skip(keys.Numbers), slice.FenceFloor);
                }

                if (count.Count > 0)
                {
                    foreach (var pool in await answers.NextAsync(Versioned.Of).ConfigureAwait(false)) slice.Waiting[pool.Key] = pool.Version;
                }

                if (keys.NewWorker) slice.WorkersCount = (await answers.NextAsync(row => row.GetInt64(0)).ConfigureAwait(false))[0];
            }
        }

        return slice;
    }

    private static NpgsqlParameter WorkersOf(SliceKeys keys) => Texts(keys.Workers.Select(one => one.Value));

    private static NpgsqlParameter JobsOf(SliceKeys keys) => Texts(keys.Jobs.Select(one => one.Value));

    private static NpgsqlParameter LeasesOf(SliceKeys keys) => Texts(keys.Leases.Select(one => one.Value));

    private static NpgsqlParameter WholeOf(SliceKeys keys) => Texts(keys.Whole.Select(one => one.Value));

    private static NpgsqlParameter Texts(IEnumerable<string> values) => StatementBatch.Value(values.ToArray());

    private static NpgsqlParameter Numbers(IEnumerable<long> values) => StatementBatch.Value(values.ToArray());

    private void Fill(Slice slice, IEnumerable<Versioned> versions, IEnumerable<Keyed> documents, IReadOnlyList<StoredWorkerState> known, SliceKeys keys)
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
            // Whoever places looks again, and finds that nothing can be offered to it.
            workerShelf.Drop(worker);
            brokenRows.Tell(broken);
        }
    }

    private void Fill(Slice slice, IEnumerable<Versioned> versions, IEnumerable<Keyed> documents, IReadOnlyList<StoredJobState> known, SliceKeys keys)
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
            brokenRows.Tell(broken);
        }
    }
}
