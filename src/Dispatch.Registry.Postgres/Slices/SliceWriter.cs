using System.Text;
using Dapper;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Book;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Postgres.Rows;
using Npgsql;

namespace Dispatch.Registry.Postgres.Slices;

/// <summary>Writes what a batch changed, and commits, in one round trip. A row that is not as it was read ends the transaction.</summary>
internal sealed class SliceWriter(TimeSpan within)
{
    /// <summary>Versions of a job that is made anew go on above those of one that was forgotten: row numbers only grow.</summary>
    private const long VersionsARow = 1_000_000;

    private const string RemoveRows = """
        DELETE FROM conversation c USING unnest(@goneJobs, @goneConversations) g (job, conversation) WHERE c.job = g.job AND c.conversation = g.conversation;
        """;

    private const string RemoveJobs = """
        WITH gone AS (DELETE FROM job j USING unnest(@endedJobs, @endedVersions) g (job, version) WHERE j.job = g.job AND j.version = g.version RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM gone), cardinality(@endedJobs));
        UPDATE registry SET fence_floor = greatest(fence_floor, @fenceGone);
        """;

    private const string LeaveQueue = """
        DELETE FROM queue q USING unnest(@leftJobs, @leftConversations) g (job, conversation) WHERE q.job = g.job AND q.conversation = g.conversation;
        """;

    private const string WriteWorkers = """
        WITH given AS (SELECT * FROM json_populate_recordset(NULL::worker, @worker::json)), written AS (
            INSERT INTO worker SELECT * FROM given
            ON CONFLICT (worker) DO UPDATE SET (version, pool, incarnation, call, counter, reported, unmet, named, stated, silent, lost, wish, wished_by, wish_reason, undraining, registered_at, renewed_at)
                = (excluded.version, excluded.pool, excluded.incarnation, excluded.call, excluded.counter, excluded.reported, excluded.unmet, excluded.named, excluded.stated, excluded.silent,
                   excluded.lost, excluded.wish, excluded.wished_by, excluded.wish_reason, excluded.undraining, excluded.registered_at, excluded.renewed_at)
                WHERE worker.version = excluded.version - 1
            RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM written), (SELECT count(*) FROM given));
        """;

    private const string WriteStarts = """
        INSERT INTO worker_start SELECT * FROM json_populate_recordset(NULL::worker_start, @start::json)
        ON CONFLICT (worker) DO UPDATE SET (start_id, software, host, capacity, labels, images, runtimes)
            = (excluded.start_id, excluded.software, excluded.host, excluded.capacity, excluded.labels, excluded.images, excluded.runtimes);
        """;

    private const string WriteJobs = """
        WITH given AS (SELECT * FROM json_populate_recordset(NULL::job, @job::json)), written AS (
            INSERT INTO job SELECT * FROM given
            ON CONFLICT (job) DO UPDATE SET (version, run_id, older_runs, fence) = (excluded.version, excluded.run_id, excluded.older_runs, excluded.fence)
                WHERE job.version = excluded.version - 1
            RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM written), (SELECT count(*) FROM given));
        """;

    private const string WriteConversations = """
        INSERT INTO conversation SELECT * FROM json_populate_recordset(NULL::conversation, @conversation::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (facts, shape, spec_json, spec_digest) = (excluded.facts, excluded.shape, excluded.spec_json, excluded.spec_digest);
        """;

    private const string WriteAttempts = """
        INSERT INTO attempt SELECT * FROM json_populate_recordset(NULL::attempt, @attempt::json)
        ON CONFLICT (job, conversation) DO UPDATE SET
            (run_id, ask, revision, priority, queued_at, excluded, paused, blocked_by, attempt, state, lease, worker, incarnation, fence, offered_at, held_at, ended, expiries,
             nudge_wanted, nudge_due, activity, message, started_at, ended_at, waiting_since, changed_at, settled_at, reason, closed_by)
            = (excluded.run_id, excluded.ask, excluded.revision, excluded.priority, excluded.queued_at, excluded.excluded, excluded.paused, excluded.blocked_by, excluded.attempt, excluded.state,
               excluded.lease, excluded.worker, excluded.incarnation, excluded.fence, excluded.offered_at, excluded.held_at, excluded.ended, excluded.expiries, excluded.nudge_wanted,
               excluded.nudge_due, excluded.activity, excluded.message, excluded.started_at, excluded.ended_at, excluded.waiting_since, excluded.changed_at, excluded.settled_at,
               excluded.reason, excluded.closed_by);
        """;

    private const string WriteOffers = """
        INSERT INTO offer SELECT * FROM json_populate_recordset(NULL::offer, @offer::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (lease, router, host, needs, profile, explanation)
            = (excluded.lease, excluded.router, excluded.host, excluded.needs, excluded.profile, excluded.explanation);
        """;

    private const string WriteOutcomes = """
        INSERT INTO outcome SELECT * FROM json_populate_recordset(NULL::outcome, @outcome::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (lease, outcome, failure) = (excluded.lease, excluded.outcome, excluded.failure);
        """;

    private const string WriteQueue = """
        INSERT INTO queue SELECT * FROM json_populate_recordset(NULL::queue, @place::json)
        ON CONFLICT (job, conversation) DO UPDATE SET (pool, shape_key, priority, queued_at) = (excluded.pool, excluded.shape_key, excluded.priority, excluded.queued_at);
        """;

    // A lease that is let go goes before one that is taken: a job has one at most.
    private const string WriteLeases = """
        UPDATE lease SET holder = NULL, spent = nextval('spent_number') WHERE lease = ANY(@spent);
        INSERT INTO lease (lease, job, worker, needs, holder) SELECT lease, job, worker, needs, holder FROM json_populate_recordset(NULL::lease, @lease::json) ORDER BY holder NULLS FIRST
        ON CONFLICT (lease) DO UPDATE SET holder = excluded.holder;
        """;

    // Rows that were looked at and do not change: what was decided holds only where they are as they were.
    private const string SameRows = """
        SELECT expect_rows((SELECT count(*) FROM worker w JOIN unnest(@sameWorkers, @sameWorkerVersions) k (worker, version) ON w.worker = k.worker AND w.version = k.version), cardinality(@sameWorkers));
        SELECT expect_rows((SELECT count(*) FROM job j JOIN unnest(@sameJobs, @sameJobVersions) k (job, version) ON j.job = k.job AND j.version = k.version), cardinality(@sameJobs));
        """;

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
        var gone = book.Removed;
        var arguments = new DynamicParameters();
        var sql = new StringBuilder(slice.Remembered ? "BEGIN;" : "");
        // Workers before jobs, and both before what hangs on them: nobody waits in a circle, also where nothing was locked before.
        AppendRows(WriteWorkers, "worker", rows.Workers);
        AppendRows(WriteStarts, "start", rows.Starts);
        AppendRows(WriteJobs, "job", rows.Jobs);
        Append(gone.Count > 0, RemoveRows, ("goneJobs", gone.Select(row => row.Job.Value).ToArray()), ("goneConversations", gone.Select(row => row.Conversation.Value).ToArray()));
        Append(rows.Ended.Count > 0, RemoveJobs, ("endedJobs", rows.Ended.Select(one => one.Job.Value).ToArray()), ("endedVersions", rows.Ended.Select(one => one.Version).ToArray()), ("fenceGone", book.FenceGone ?? 0L));
        Append(rows.Left.Count > 0, LeaveQueue, ("leftJobs", rows.Left.Select(row => row.Job.Value).ToArray()), ("leftConversations", rows.Left.Select(row => row.Conversation.Value).ToArray()));
        AppendRows(WriteConversations, "conversation", rows.Conversations);
        AppendRows(WriteAttempts, "attempt", rows.Attempts);
        AppendRows(WriteOffers, "offer", rows.Offers);
        AppendRows(WriteOutcomes, "outcome", rows.Outcomes);
        AppendRows(WriteQueue, "place", rows.Places);
        Append(rows.Leases.Count > 0 || book.Spent.Count > 0, WriteLeases, ("lease", Array(rows.Leases)), ("spent", book.Spent.Select(lease => lease.Value).ToArray()));
        if (slice.Remembered) AppendSame();
        sql.Append("COMMIT;");
        await connection.ExecuteAsync(new CommandDefinition(sql.ToString(), arguments, commandTimeout: (int)Math.Ceiling(within.TotalSeconds), cancellationToken: cancellationToken)).ConfigureAwait(false);
        return versions;

        void Append(bool needed, string statement, params ReadOnlySpan<(string Name, object Value)> values)
        {
            if (!needed) return;
            sql.Append(statement);
            foreach (var (name, value) in values) arguments.Add(name, value);
        }

        void AppendSame()
        {
            var sameWorkers = slice.Workers.Where(pair => !book.ChangedWorkers.ContainsKey(pair.Key)).Select(pair => pair.Value!).ToArray();
            var sameJobs = slice.Jobs.Where(pair => !book.ChangedJobs.ContainsKey(pair.Key)).Select(pair => pair.Value!).ToArray();
            Append(
                sameWorkers.Length + sameJobs.Length > 0, SameRows,
                ("sameWorkers", sameWorkers.Select(one => one.Row.Worker.Value).ToArray()), ("sameWorkerVersions", sameWorkers.Select(one => one.Version).ToArray()),
                ("sameJobs", sameJobs.Select(one => one.State.Job.Value).ToArray()), ("sameJobVersions", sameJobs.Select(one => one.Version).ToArray()));
        }

        void AppendRows(string statement, string name, List<string> texts) => Append(texts.Count > 0, statement, (name, Array(texts)));
    }

    private static string Array(List<string> texts) => $"[{string.Join(',', texts)}]";

    private static void Collect(DirtyRows rows, WrittenVersions versions, WorkerId worker, WorkerEntry entry, StoredWorkerState? before)
    {
        // A worker that was forgotten and comes again has versions above the old ones: they begin with the time.
        var version = before is null ? entry.Row.RegisteredAt.UtcTicks / TimeSpan.TicksPerMicrosecond : before.Version + 1;
        versions.Workers[worker] = version;
        rows.Workers.Add(RowJson.Write(StoredWorker.Of(entry.Row, version)));
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
        rows.Jobs.Add(RowJson.Write(StoredJob.Of(state, version)));
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
        public List<string> Workers { get; } = [];

        public List<string> Starts { get; } = [];

        public List<string> Jobs { get; } = [];

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
