using Dispatch.Contracts.Ids;
using Dispatch.Registry.Book;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Postgres.Rows;
using Dispatch.Registry.Postgres.Running;
using Npgsql;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>Writes what a batch changed, and commits, in one round trip. A row that is not as it was read ends the transaction.</summary>
internal sealed class SliceWriter(TimeSpan within)
{
    /// <summary>Versions of a job that is made anew go on above those of one that was forgotten: row numbers only grow.</summary>
    private const long VersionsARow = 1_000_000;

    private const string RemoveRows = """
        DELETE FROM conversation c USING unnest($1, $2) g (job, conversation) WHERE c.job = g.job AND c.conversation = g.conversation
        """;

    private const string RemoveJobs = """
        WITH gone AS (DELETE FROM job j USING unnest($1, $2) g (job, version) WHERE j.job = g.job AND j.version = g.version RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM gone), cardinality($1))
        """;

    private const string RaiseFence = "UPDATE registry SET fence_floor = greatest(fence_floor, $1)";

    private const string LeaveQueue = """
        DELETE FROM queue q USING unnest($1, $2) g (job, conversation) WHERE q.job = g.job AND q.conversation = g.conversation
        """;

    private const string WriteWorkers = """
        WITH given AS (SELECT * FROM json_populate_recordset(NULL::worker, $1::json)), written AS (
            INSERT INTO worker SELECT * FROM given
            ON CONFLICT (worker) DO UPDATE SET (version, pool, incarnation, call, counter, reported, unmet, named, stated, silent, lost, wish, wished_by, wish_reason, undraining, registered_at, renewed_at)
                = (excluded.version, excluded.pool, excluded.incarnation, excluded.call, excluded.counter, excluded.reported, excluded.unmet, excluded.named, excluded.stated, excluded.silent,
                   excluded.lost, excluded.wish, excluded.wished_by, excluded.wish_reason, excluded.undraining, excluded.registered_at, excluded.renewed_at)
                WHERE worker.version = excluded.version - 1
            RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM written), (SELECT count(*) FROM given))
        """;

    // Of workers of which nothing has changed but what every call changes, nothing else is sent.
    private const string WriteCalls = """
        WITH written AS (
            UPDATE worker w SET version = k.version, call = k.call, counter = k.counter FROM unnest($1, $2, $3, $4) k (worker, version, call, counter)
            WHERE w.worker = k.worker AND w.version = k.version - 1 RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM written), cardinality($1))
        """;

    private const string WriteStarts = """
        INSERT INTO worker_start SELECT * FROM json_populate_recordset(NULL::worker_start, $1::json)
        ON CONFLICT (worker) DO UPDATE SET (start_id, software, host, capacity, labels, images, runtimes)
            = (excluded.start_id, excluded.software, excluded.host, excluded.capacity, excluded.labels, excluded.images, excluded.runtimes)
        """;

    private const string WriteJobs = """
        WITH given AS (SELECT * FROM json_populate_recordset(NULL::job, $1::json)), written AS (
            INSERT INTO job SELECT * FROM given
            ON CONFLICT (job) DO UPDATE SET (version, run_id, older_runs, fence) = (excluded.version, excluded.run_id, excluded.older_runs, excluded.fence)
                WHERE job.version = excluded.version - 1
            RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM written), (SELECT count(*) FROM given))
        """;

    private const string WriteVersions = """
        WITH written AS (
            UPDATE job j SET version = k.version, fence = k.fence FROM unnest($1, $2, $3) k (job, version, fence) WHERE j.job = k.job AND j.version = k.version - 1 RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM written), cardinality($1))
        """;

    private const string WriteConversations = """
        INSERT INTO conversation SELECT * FROM json_populate_recordset(NULL::conversation, $1::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (facts, shape, spec_json, spec_digest) = (excluded.facts, excluded.shape, excluded.spec_json, excluded.spec_digest)
        """;

    private const string WriteAttempts = """
        INSERT INTO attempt SELECT * FROM json_populate_recordset(NULL::attempt, $1::json)
        ON CONFLICT (job, conversation) DO UPDATE SET
            (run_id, ask, revision, priority, queued_at, excluded, paused, blocked_by, attempt, state, lease, worker, incarnation, fence, offered_at, held_at, ended, expiries,
             nudge_wanted, nudge_due, activity, message, started_at, ended_at, waiting_since, changed_at, settled_at, reason, closed_by)
            = (excluded.run_id, excluded.ask, excluded.revision, excluded.priority, excluded.queued_at, excluded.excluded, excluded.paused, excluded.blocked_by, excluded.attempt, excluded.state,
               excluded.lease, excluded.worker, excluded.incarnation, excluded.fence, excluded.offered_at, excluded.held_at, excluded.ended, excluded.expiries, excluded.nudge_wanted,
               excluded.nudge_due, excluded.activity, excluded.message, excluded.started_at, excluded.ended_at, excluded.waiting_since, excluded.changed_at, excluded.settled_at,
               excluded.reason, excluded.closed_by)
        """;

    private const string WriteOffers = """
        INSERT INTO offer SELECT * FROM json_populate_recordset(NULL::offer, $1::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (lease, router, host, needs, profile, explanation)
            = (excluded.lease, excluded.router, excluded.host, excluded.needs, excluded.profile, excluded.explanation)
        """;

    private const string WriteOutcomes = """
        INSERT INTO outcome SELECT * FROM json_populate_recordset(NULL::outcome, $1::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (lease, outcome, failure) = (excluded.lease, excluded.outcome, excluded.failure)
        """;

    private const string WriteQueue = """
        INSERT INTO queue SELECT * FROM json_populate_recordset(NULL::queue, $1::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (pool, shape_key, priority, queued_at) = (excluded.pool, excluded.shape_key, excluded.priority, excluded.queued_at)
        """;

    private const string SpendLeases = "UPDATE lease SET holder = NULL, spent = nextval('spent_number') WHERE lease = ANY($1)";

    // A lease that is let go goes before one that is taken: a job has one at most.
    private const string WriteLeases = """
        INSERT INTO lease (lease, job, worker, needs, holder) SELECT lease, job, worker, needs, holder FROM json_populate_recordset(NULL::lease, $1::json) ORDER BY holder NULLS FIRST
        ON CONFLICT (lease) DO UPDATE SET holder = excluded.holder
        """;

    // Rows that were looked at and do not change: what was decided holds only where they are as they were.
    private const string SameWorkers =
        "SELECT expect_rows((SELECT count(*) FROM worker w JOIN unnest($1, $2) k (worker, version) ON w.worker = k.worker AND w.version = k.version), cardinality($1))";

    private const string SameJobs =
        "SELECT expect_rows((SELECT count(*) FROM job j JOIN unnest($1, $2) k (job, version) ON j.job = k.job AND j.version = k.version), cardinality($1))";

    // After the newcomers' rows: whoever has removed one of them before has raised it.
    private const string SameFence = "SELECT expect_rows((SELECT count(*) FROM registry WHERE fence_floor = $1), 1)";

    /// <summary>Writes and commits.</summary>
    /// <param name="connection">The connection with the open transaction.</param>
    /// <param name="slice">What was read.</param>
    /// <param name="book">What became of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The versions that were written.</returns>
    public async Task<WrittenVersions> CommitAsync(NpgsqlConnection connection, Slice slice, SliceBook book, CancellationToken cancellationToken)
    {
        var versions = new WrittenVersions();
        var rows = new DirtyRows();
        foreach (var (worker, entry) in book.ChangedWorkers.OrderBy(pair => pair.Key.Value, StringComparer.Ordinal)) Collect(rows, versions, worker, entry, slice.Workers.GetValueOrDefault(worker));
        foreach (var (job, state) in book.ChangedJobs.OrderBy(pair => pair.Key.Value, StringComparer.Ordinal)) Collect(rows, versions, job, state, slice.Jobs.GetValueOrDefault(job));
        var batch = new StatementBatch(connection, within);
        await using (batch.ConfigureAwait(false))
        {
            // Workers before jobs, and both before what hangs on them: nobody waits in a circle, also where nothing was locked before.
            if (rows.Workers.Count > 0 && rows.OnlyCalls)
            {
                batch.Add(
                    WriteCalls, Texts(rows.Workers.Select(one => one.Worker.Value)), Numbers(rows.Workers.Select(one => one.Version)),
                    Numbers(rows.Workers.Select(one => one.Call)), Numbers(rows.Workers.Select(one => one.Counter)));
            }
            else
            {
                AddRows(WriteWorkers, rows.Workers.ConvertAll(RowJson.Write));
            }

            AddRows(WriteStarts, rows.Starts);
            if (rows.Jobs.Count > 0 && rows.OnlyVersions)
                batch.Add(WriteVersions, Texts(rows.Jobs.Select(one => one.Job.Value)), Numbers(rows.Jobs.Select(one => one.Version)), Numbers(rows.Jobs.Select(one => one.Fence)));
            else
                AddRows(WriteJobs, rows.Jobs.ConvertAll(RowJson.Write));
            if (book.Removed is { Count: > 0 } gone) batch.Add(RemoveRows, Texts(gone.Select(row => row.Job.Value)), Texts(gone.Select(row => row.Conversation.Value)));
            if (rows.Ended.Count > 0)
            {
                batch.Add(RemoveJobs, Texts(rows.Ended.Select(one => one.Job.Value)), Numbers(rows.Ended.Select(one => one.Version)));
                batch.Add(RaiseFence, StatementBatch.Value(book.FenceGone ?? 0L));
            }

            if (rows.Left.Count > 0) batch.Add(LeaveQueue, Texts(rows.Left.Select(row => row.Job.Value)), Texts(rows.Left.Select(row => row.Conversation.Value)));
            AddRows(WriteConversations, rows.Conversations);
            AddRows(WriteAttempts, rows.Attempts);
            AddRows(WriteOffers, rows.Offers);
            AddRows(WriteOutcomes, rows.Outcomes);
            AddRows(WriteQueue, rows.Places);
            if (book.Spent.Count > 0) batch.Add(SpendLeases, Texts(book.Spent.Select(lease => lease.Value)));
            AddRows(WriteLeases, rows.Leases);
            if (slice.Remembered) AddSame(batch, slice, book);
            else batch.Add("COMMIT");
            await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return versions;
        }

        void AddRows(string statement, List<string> texts)
        {
            if (texts.Count > 0) batch.Add(statement, StatementBatch.Value($"[{string.Join(',', texts)}]"));
        }
    }

    private static void AddSame(StatementBatch batch, Slice slice, SliceBook book)
    {
        var workers = slice.Workers.Where(pair => !book.ChangedWorkers.ContainsKey(pair.Key)).Select(pair => pair.Value!).ToArray();
        if (workers.Length > 0) batch.Add(SameWorkers, Texts(workers.Select(one => one.Row.Worker.Value)), Numbers(workers.Select(one => one.Version)));
        var jobs = slice.Jobs.Values.OfType<StoredJobState>().Where(one => !book.ChangedJobs.ContainsKey(one.State.Job)).ToArray();
        if (jobs.Length > 0) batch.Add(SameJobs, Texts(jobs.Select(one => one.State.Job.Value)), Numbers(jobs.Select(one => one.Version)));
        if (slice.Newcomers) batch.Add(SameFence, StatementBatch.Value(slice.FenceFloor));
    }

    private static NpgsqlParameter Texts(IEnumerable<string> values) => StatementBatch.Value(values.ToArray());

    private static NpgsqlParameter Numbers(IEnumerable<long> values) => StatementBatch.Value(values.ToArray());

    private static void Collect(DirtyRows rows, WrittenVersions versions, WorkerId worker, WorkerEntry entry, StoredWorkerState? before)
    {
        // A worker that was forgotten and comes again has versions above the old ones: they begin with the time.
        var version = before is null ? entry.Row.RegisteredAt.UtcTicks / TimeSpan.TicksPerMicrosecond : before.Version + 1;
        versions.Workers[worker] = version;
        rows.Workers.Add(StoredWorker.Of(entry.Row, version));
        rows.OnlyCalls &= before is not null && entry.Row == before.Row with { Call = entry.Row.Call, Counter = entry.Row.Counter };
        if (!ReferenceEquals(before?.Row.Host, entry.Row.Host) || before?.Row.Incarnation != entry.Row.Incarnation) rows.Starts.Add(RowJson.Write(StoredStart.Of(entry.Row)));
    }

    private static void Collect(DirtyRows rows, WrittenVersions versions, JobId job, JobState state, StoredJobState? before)
    {
        if (state.Rows.IsEmpty)
        {
            if (before is not null) rows.Ended.Add((job, before.Version));
            versions.Jobs[job] = null;
            return;
        }

        var version = before is null ? state.Rows[0].Number * VersionsARow : before.Version + 1;
        versions.Jobs[job] = version;
        rows.Jobs.Add(StoredJob.Of(state, version));
        rows.OnlyVersions &= before is not null && before.State.RunId == state.RunId && before.State.OlderRuns.SequenceEqual(state.OlderRuns);
        foreach (var row in state.Rows)
        {
            var was = before?.State.RowOf(row.Conversation);
            if (!ReferenceEquals(was, row)) Collect(rows, was, row);
        }
    }

    private static void Collect(DirtyRows rows, JobRow? was, JobRow row)
    {
        rows.Attempts.Add(RowJson.Write(StoredAttempt.Of(row)));
        if (was is null || !ReferenceEquals(was.Facts, row.Facts) || was.SpecJson != row.SpecJson)
        {
            var conversation = RowJson.Write(StoredConversation.Of(row));
            if (was is null || conversation != RowJson.Write(StoredConversation.Of(was))) rows.Conversations.Add(conversation);
        }

        if (row.Grant is { } grant)
        {
            var had = was?.Grant;
            if (had?.Lease != grant.Lease || !ReferenceEquals(had.Host, grant.Host)) rows.Offers.Add(RowJson.Write(StoredOffer.Of(row, grant)));
            if (row.HasOutcome && (was is not { HasOutcome: true } || had?.Lease != grant.Lease))
                rows.Outcomes.Add(RowJson.Write(new StoredOutcome(row.Job, row.Conversation, grant.Lease, row.Outcome, row.Failure)));
            var holder = HolderOf(row);
            if (had?.Lease != grant.Lease || holder != HolderOf(was!)) rows.Leases.Add(RowJson.Write(new StoredLease(grant.Lease, row.Job, grant.Worker, grant.Needs, holder)));
        }

        if (!row.Queued)
        {
            if (was is { Queued: true }) rows.Left.Add(new(row.Job, row.Conversation));
            return;
        }

        var place = StoredPlace.Of(row);
        if (was is not { Queued: true } || place != StoredPlace.Of(was)) rows.Places.Add(RowJson.Write(place));
    }

    private static WorkerId? HolderOf(JobRow row) => row.Live || row.MayRun ? row.Grant!.Worker : null;

    private sealed class DirtyRows
    {
        public List<StoredWorker> Workers { get; } = [];

        /// <summary>Whether of all workers only version, call and counter have changed.</summary>
        public bool OnlyCalls { get; set; } = true;

        public List<string> Starts { get; } = [];

        public List<StoredJob> Jobs { get; } = [];

        /// <summary>Whether of all jobs only version and fence have changed.</summary>
        public bool OnlyVersions { get; set; } = true;

        public List<string> Conversations { get; } = [];

        public List<string> Attempts { get; } = [];

        public List<string> Offers { get; } = [];

        public List<string> Outcomes { get; } = [];

        public List<string> Places { get; } = [];

        public List<string> Leases { get; } = [];

        public List<RowKey> Left { get; } = [];

        public List<(JobId Job, long Version)> Ended { get; } = [];
    }
}

/// <summary>The versions that a batch wrote; null is a job that is gone.</summary>
internal sealed class WrittenVersions
{
    public Dictionary<JobId, long?> Jobs { get; } = [];

    public Dictionary<WorkerId, long> Workers { get; } = [];
}
