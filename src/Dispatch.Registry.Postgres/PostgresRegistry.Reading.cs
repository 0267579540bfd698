using Dapper;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Running;
using Dispatch.Registry.Postgres.Slices;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;
using Npgsql;

namespace Dispatch.Registry.Postgres;

/// <content>What placers, lists and single gets read.</content>
public sealed partial class PostgresRegistry
{
    /// <summary>How many times more heads are read where none could be gone on with.</summary>
    private const int HeadsDeeper = 8;

    /// <summary>How many unreadable jobs before one that can be placed are looked past.</summary>
    private const int HeadsDepthMax = 8192;

    /// <inheritdoc/>
    public async Task<PoolCandidates> CandidatesAsync(string pool, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        await RefreshWorkersAsync(cancellationToken).ConfigureAwait(false);
        var (version, views, waiting) = workers.Pool(pool);
        return new PoolCandidates(version, views, waiting);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WaitingShape>> HeadsAsync(string pool, int perShape, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(perShape, 1);
        return heads.ReadAsync((pool, perShape), cancellationToken);
    }

    /// <summary>Where none of a shape's first jobs can be read, those behind them are looked for: they wait for nobody.</summary>
    private async Task<IReadOnlyList<WaitingShape>> ReadHeadsAsync((string Pool, int PerShape) of)
    {
        for (var depth = of.PerShape; ; depth *= HeadsDeeper)
        {
            var (shapes, hidden) = await ReadHeadsAsync(of.Pool, of.PerShape, depth).ConfigureAwait(false);
            if (!hidden || depth >= HeadsDepthMax) return shapes;
        }
    }

    private Task<(List<WaitingShape> Shapes, bool Hidden)> ReadHeadsAsync(string pool, int perShape, int depth)
    {
        // One index entry a shape is looked for, and of each the first few are taken: the cost is that of the shapes, not of those who wait.
        const string sql = """
            WITH RECURSIVE shape (shape_key) AS (
                (SELECT shape_key FROM queue WHERE pool = $1 ORDER BY shape_key LIMIT 1)
                UNION ALL
                SELECT (SELECT q.shape_key FROM queue q WHERE q.pool = $1 AND q.shape_key > s.shape_key ORDER BY q.shape_key LIMIT 1) FROM shape s WHERE s.shape_key IS NOT NULL)
            SELECT h.job, h.conversation, s.shape_key, h.place, j.version
            FROM shape s CROSS JOIN LATERAL (
                SELECT q.job, q.conversation, row_number() OVER (ORDER BY q.priority DESC, q.queued_at, q.job, q.conversation) AS place FROM queue q
                WHERE q.pool = $1 AND q.shape_key = s.shape_key ORDER BY q.priority DESC, q.queued_at, q.job, q.conversation LIMIT $2) h
            JOIN job j ON j.job = h.job
            WHERE s.shape_key IS NOT NULL
            """;
        return database.UseAsync(
            async (connection, token) =>
            {
                List<Head> found;
                var batch = new StatementBatch(connection, postgres.CallWithin);
                await using (batch.ConfigureAwait(false))
                {
                    batch.Add(sql, StatementBatch.Value(pool), StatementBatch.Value((long)depth + 1));
                    var reader = await batch.ReadAsync(token).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false)) found = await new BatchAnswers(reader, token).NextAsync(Head.Of).ConfigureAwait(false);
                }

                // A newcomer is remembered by whoever wrote it: then nothing else is read.
                var wanted = found.Where(head => head.Place <= depth).ToArray();
                var states = new Dictionary<JobId, JobState>();
                foreach (var head in wanted)
                {
                    if (jobs.Known(head.Job) is { } known && known.Version == head.Version) states[head.Job] = known.State;
                }

                JobId[] unknown = [.. wanted.Select(head => head.Job).Where(job => !states.ContainsKey(job)).Distinct()];
                if (unknown.Length > 0)
                {
                    foreach (var (job, state) in (await ReadJobsAsync(connection, unknown, token).ConfigureAwait(false)).States) states[job] = state;
                }

                var shapes = new List<WaitingShape>();
                var hidden = false;
                foreach (var shape in found.GroupBy(head => head.ShapeKey, StringComparer.Ordinal))
                {
                    var behind = shape.Count(head => head.Place > depth);
                    var rows = shape.Where(head => head.Place <= depth).OrderBy(head => head.Place)
                        .Select(head => states.GetValueOrDefault(head.Job)?.RowOf(head.Conversation)).Where(row => row is { Queued: true }).Select(row => row!).ToArray();
                    if (rows.Length > 0) shapes.Add(new(rows[0].Shape, rows[..Math.Min(rows.Length, perShape)], rows.Length + behind));
                    else hidden |= behind > 0;
                }

                shapes.Sort(static (one, other) => QueueRank.Of(one.Heads[0]).CompareTo(QueueRank.Of(other.Heads[0])));
                return (shapes, hidden);
            },
            CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<ExpiryFacts> WatchAsync(CancellationToken cancellationToken)
    {
        const string holds = """
            SELECT a.worker AS "Worker", a.incarnation AS "Incarnation", count(*) AS "Holds" FROM lease l JOIN attempt a ON a.job = l.job AND a.lease = l.lease
            WHERE l.holder IS NOT NULL AND a.state = 'Held' GROUP BY a.worker, a.incarnation ORDER BY a.worker, a.incarnation;
            """;
        const string waits = """
            SELECT a.job AS "Job", a.conversation AS "Conversation", b.lease AS "Lease", b.state = 'Expired' AS "Expired", b.expiries AS "Expiries", o.profile::text AS "Profile"
            FROM attempt a JOIN attempt b ON b.job = a.job AND b.lease = a.blocked_by JOIN offer o ON o.job = b.job AND o.conversation = b.conversation AND o.lease = b.lease
            WHERE a.blocked_by IS NOT NULL;
            """;
        workers.MissAll();
        await RefreshWorkersAsync(cancellationToken).ConfigureAwait(false);
        return await database.UseAsync(
            async (connection, token) =>
            {
                var held = (await connection.QueryAsync<Hold>(Command(holds, null, token)).ConfigureAwait(false)).ToLookup(hold => hold.Worker, StringComparer.Ordinal);
                var blocked = await connection.QueryAsync<Blocked>(Command(waits, null, token)).ConfigureAwait(false);
                return new ExpiryFacts(
                    [.. workers.All().Select(state => state.Row).SelectMany(row => WorkerPulse.Of(
                        row, new SortedDictionary<long, int>(held[row.Worker.Value].ToDictionary(hold => hold.Incarnation, hold => (int)hold.Holds)), pools.Find(row.Pool)?.Profile ?? TimeProfile.Normal))],
                    [.. blocked.Select(WaitOf).OfType<BlockedWait>()]);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<JobRow?> FindJobAsync(JobId job, CancellationToken cancellationToken)
    {
        var (states, broken) = await database.UseAsync((connection, token) => ReadJobsAsync(connection, [job], token), cancellationToken).ConfigureAwait(false);
        if (broken is not null) throw broken;
        return states.GetValueOrDefault(job) is { Rows: [.., var row] } ? row : null;
    }

    /// <inheritdoc/>
    public async Task<WorkerRecord?> FindWorkerAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        workers.Miss(worker);
        await RefreshWorkersAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (unreadable, broken) in workers.Unreadable())
        {
            if (unreadable == worker) throw broken;
        }

        return workers.Known([worker]) is [var state] ? (await RecordsAsync([state], cancellationToken).ConfigureAwait(false))[0] : null;
    }

    /// <inheritdoc/>
    public async Task<WorkerRecordPage> ListWorkersAsync(WorkerQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        workers.MissAll();
        await RefreshWorkersAsync(cancellationToken).ConfigureAwait(false);
        var limit = Math.Clamp(query.Limit, 1, 1000);
        var matching = workers.All()
            .Where(one => (query.Pool is null || one.Row.Pool == query.Pool) && (query.State is null || one.Row.State == query.State)
                && (query.Cursor is null || string.CompareOrdinal(one.Row.Worker.Value, query.Cursor) > 0))
            .OrderBy(one => one.Row.Worker.Value, StringComparer.Ordinal).Take(limit + 1).ToArray();
        var page = await RecordsAsync([.. matching.Take(limit)], cancellationToken).ConfigureAwait(false);
        return new WorkerRecordPage(page, matching.Length > limit ? page[^1].Row.Worker.Value : null)
        {
            Broken = query.Cursor is null ? [.. workers.Unreadable().Select(pair => new BrokenWorker(pair.Key, pair.Value.Message))] : [],
        };
    }

    /// <inheritdoc/>
    public async Task<PoolCounts> CountPoolAsync(string pool, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        const string waiting = """SELECT count(*) AS "Count", to_json(min(queued_at))::text AS "Oldest" FROM queue WHERE pool = @pool""";
        workers.MissAll();
        await RefreshWorkersAsync(cancellationToken).ConfigureAwait(false);
        var there = workers.All().Where(one => one.Row.Pool == pool).ToArray();
        var states = new SortedDictionary<WorkerState, int>(there.GroupBy(one => one.Row.State).ToDictionary(group => group.Key, group => group.Count()));
        var queue = await database.UseAsync((connection, token) => connection.QuerySingleAsync<Waiting>(Command(waiting, new { pool }, token)), cancellationToken).ConfigureAwait(false);
        return new PoolCounts(states, (int)queue.Count, there.Sum(one => one.Live.Count), queue.Oldest is null ? null : RowJson.Read<DateTimeOffset>(queue.Oldest));
    }

    /// <inheritdoc/>
    public Task<int> CountBeforeAsync(JobRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        const string sql = """
            SELECT count(*) FROM queue WHERE pool = @pool AND (priority > @priority
                OR (priority = @priority AND (queued_at, job, conversation) < (@queuedAt, @job, @conversation)))
            """;
        var arguments = new { pool = row.Facts.Pool, priority = row.Priority, queuedAt = row.QueuedAt, job = row.Job.Value, conversation = row.Conversation.Value };
        return database.UseAsync(async (connection, token) => (int)await connection.ExecuteScalarAsync<long>(Command(sql, arguments, token)).ConfigureAwait(false), cancellationToken);
    }

    /// <summary>Jobs without a lock; one whose rows contradict themselves is told in the log and left out.</summary>
    private async Task<(Dictionary<JobId, JobState> States, DispatchException? Broken)> ReadJobsAsync(NpgsqlConnection connection, IReadOnlyCollection<JobId> wanted, CancellationToken cancellationToken)
    {
        const string versions = "SELECT job, version FROM job WHERE job = ANY($1)";
        const string documents = $"""
            {JobDocument.Select} WHERE j.job = ANY($1) AND NOT EXISTS (SELECT 1 FROM unnest($2, $3) k (job, version) WHERE k.job = j.job AND k.version = j.version)
            """;
        var known = jobs.Known(wanted, []);
        var ids = wanted.Select(job => job.Value).ToArray();
        var states = new Dictionary<JobId, JobState>();
        DispatchException? contradiction = null;
        var batch = new StatementBatch(connection, postgres.CallWithin);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(versions, StatementBatch.Value(ids));
            batch.Add(documents, StatementBatch.Value(ids), StatementBatch.Value(known.Select(one => one.State.Job.Value).ToArray()), StatementBatch.Value(known.Select(one => one.Version).ToArray()));
            var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var answers = new BatchAnswers(reader, cancellationToken);
                var there = (await answers.NextAsync(Versioned.Of).ConfigureAwait(false)).ToDictionary(one => one.Key, one => one.Version, StringComparer.Ordinal);
                foreach (var one in known)
                {
                    if (there.TryGetValue(one.State.Job.Value, out var version) && version == one.Version) states[one.State.Job] = one.State;
                }

                foreach (var document in await answers.NextAsync(Keyed.Of).ConfigureAwait(false))
                {
                    var job = new JobId(document.Key);
                    var (state, broken) = JobDocument.Read(job, document.Json);
                    if (state is not null)
                    {
                        jobs.Put(state);
                        states[job] = state.State;
                    }

                    if (broken is null) continue;
                    contradiction = broken;
                    brokenRows.Tell(broken);
                }
            }
        }

        return (states, contradiction);
    }

    private async Task<WorkerRecord[]> RecordsAsync(IReadOnlyList<StoredWorkerState> states, CancellationToken cancellationToken)
    {
        JobId[] held = [.. states.SelectMany(state => state.Leases.Values).Distinct()];
        var rows = held.Length == 0 ? [] : (await database.UseAsync((connection, token) => ReadJobsAsync(connection, held, token), cancellationToken).ConfigureAwait(false)).States;
        return [.. states.Select(state => new WorkerRecord(
            state.Row, ViewOf(state).Free,
            [.. state.Leases.Select(pair => rows.GetValueOrDefault(pair.Value)?.RowOf(pair.Key)).Where(row => row is not null).Select(row => row!).OrderBy(row => row.Number)]))];
    }

    /// <summary>A wait; null where nobody can say how long it is.</summary>
    private BlockedWait? WaitOf(Blocked wait)
    {
        try
        {
            return new(new JobId(wait.Job), new ConversationId(wait.Conversation), new LeaseId(wait.Lease), wait.Expired, wait.Expiries, RowJson.Read<TimeProfile>(wait.Profile).HeartbeatTimeout);
        }
        catch (Exception error) when (RowJson.IsOfRow(error))
        {
            brokenRows.Tell(new DispatchException(
                ErrorCode.InternalError, $"Job {wait.Job} goes on waiting for lease {wait.Lease}, for column profile of table offer cannot be read: {error.Message.TrimEnd('.')}. Correct it.", error));
            return null;
        }
    }

    private sealed record Head(JobId Job, ConversationId Conversation, string ShapeKey, long Place, long Version)
    {
        public static Head Of(NpgsqlDataReader row) => new(new(row.GetString(0)), new(row.GetString(1)), row.GetString(2), row.GetInt64(3), row.GetInt64(4));
    }

    private sealed record Hold(string Worker, long Incarnation, long Holds);

    private sealed record Waiting(long Count, string? Oldest);

    private sealed record Blocked(string Job, string Conversation, string Lease, bool Expired, int Expiries, string Profile);
}
