using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>All rows of one job as one JSON text.</summary>
internal sealed record JobDocument(StoredJob Job, IReadOnlyList<RowDocument> Rows, IReadOnlyList<StrayLease> Strays)
{
    /// <summary>The columns of one job's document; <c>j</c> is the job's row.</summary>
    public const string Select = """
        SELECT j.job AS "Key", json_build_object('job', j, 'rows', ARRAY(
            SELECT json_build_object('attempt', a, 'conversation', c, 'offer', o, 'outcome', r, 'holder', l.holder, 'queued', q.job IS NOT NULL)
            FROM attempt a
            JOIN conversation c ON c.job = a.job AND c.conversation = a.conversation
            LEFT JOIN offer o ON o.job = a.job AND o.conversation = a.conversation AND o.lease = a.lease
            LEFT JOIN outcome r ON r.job = a.job AND r.conversation = a.conversation AND r.lease = a.lease
            LEFT JOIN lease l ON l.lease = a.lease
            LEFT JOIN queue q ON q.job = a.job AND q.conversation = a.conversation
            WHERE a.job = j.job ORDER BY a.number),
            'strays', ARRAY(
                SELECT json_build_object('lease', l.lease, 'worker', l.holder) FROM lease l
                WHERE l.job = j.job AND l.holder IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.job = j.job AND a.lease = l.lease)))::text AS "Json"
        FROM job j
        """;

    /// <summary>Reads a document.</summary>
    /// <param name="job">Whose it is.</param>
    /// <param name="json">The text.</param>
    /// <returns>The job with its version; or why its rows cannot be gone on with.</returns>
    public static (StoredJobState? State, DispatchException? Broken) Read(JobId job, string json)
    {
        try
        {
            var document = RowJson.Read<JobDocument>(json);
            if (document.Strays is [var stray, ..]) return (null, stray.Contradiction(job));
            var state = new JobState
            {
                Job = job,
                RunId = document.Job.RunId,
                OlderRuns = [.. document.Job.OlderRuns],
                Fence = document.Job.Fence,
                Rows = [.. document.Rows.Select(row => row.Row(document.Job))],
            };
            return (new StoredJobState(state, document.Job.Version), null);
        }
        catch (Exception error) when (RowJson.IsOfRow(error))
        {
            return (null, new RowsContradictException(
                $"job {job}", RowFault.Of<JobDocument>(error, json), "Correct them; or stop the job, which needs no row, and once it is closed delete its row in table job.", error));
        }
    }
}

/// <summary>A job as it was read or written.</summary>
/// <param name="State">The job.</param>
/// <param name="Version">Its version.</param>
internal sealed record StoredJobState(JobState State, long Version);

/// <summary>A lease that a worker holds of a job whose attempt with it is gone: somebody has deleted that. The work may run, so that no other may begin; and nobody is told to end it.</summary>
internal sealed record StrayLease(LeaseId Lease, WorkerId Worker)
{
    public RowsContradictException Contradiction(JobId job) => new(
        $"job {job}", $"table lease has worker {Worker} as the holder of its lease {Lease}, of which table attempt has nothing",
        $"Correct them: once nothing of it runs, DELETE FROM dispatch.lease WHERE lease = '{Lease}' lets it be placed again; or stop the job, which needs no row, and once it is closed delete its row in table job.");
}

/// <summary>All rows of one conversation.</summary>
internal sealed record RowDocument(StoredAttempt Attempt, StoredConversation Conversation, StoredOffer? Offer, StoredOutcome? Outcome, WorkerId? Holder, bool Queued)
{
    /// <summary>The row.</summary>
    /// <param name="job">The row of its job.</param>
    /// <returns>The row.</returns>
    /// <exception cref="FormatException">The tables contradict each other.</exception>
    public JobRow Row(StoredJob job)
    {
        var row = new JobRow
        {
            Job = Attempt.Job,
            Conversation = Attempt.Conversation,
            RunId = Attempt.RunId,
            Ask = Attempt.Ask,
            Revision = Attempt.Revision,
            Number = Attempt.Number,
            Facts = Conversation.Facts.Facts(Attempt.Job),
            Shape = Conversation.Shape,
            SpecJson = Conversation.SpecJson,
            SpecDigest = Conversation.SpecDigest,
            Priority = Attempt.Priority,
            QueuedAt = Attempt.QueuedAt,
            Excluded = [.. Attempt.Excluded],
            Paused = Attempt.Paused,
            BlockedBy = Attempt.BlockedBy,
            Attempt = Attempt.Attempt,
            State = Attempt.State,
            Grant = Grant(),
            Ended = Attempt.Ended,
            Expiries = Attempt.Expiries,
            NudgeWanted = Attempt.NudgeWanted,
            NudgeDue = Attempt.NudgeDue,
            Activity = Attempt.Activity,
            Message = Attempt.Message,
            StartedAt = Attempt.StartedAt,
            Outcome = Outcome?.Outcome,
            Failure = Outcome?.Failure,
            EndedAt = Attempt.EndedAt,
            WaitingSince = Attempt.WaitingSince,
            ChangedAt = Attempt.ChangedAt,
            SettledAt = Attempt.SettledAt,
            Reason = Attempt.Reason,
            ClosedBy = Attempt.ClosedBy,
        };
        if (row.Queued != Queued)
            throw Contradiction(Queued ? $"it is in table queue and cannot be offered (state {row.State}, paused {row.Paused}, settled {row.SettledAt is not null})" : "it waits for a worker and is not in table queue");
        var holder = row.Live || row.MayRun ? row.Grant!.Worker : (WorkerId?)null;
        if (holder != Holder)
            throw Contradiction($"it is {row.State} on worker {row.Grant?.Worker.Value ?? "none"}, and table lease has {Holder?.Value ?? "nobody"} as the holder of its lease");
        // Of a job with more older runs than are remembered nobody can say.
        if (row.RunId != job.RunId && job.OlderRuns.Count < JobState.OlderRunsMax && !job.OlderRuns.Contains(row.RunId, StringComparer.Ordinal))
            throw Contradiction($"its run_id in table attempt is '{row.RunId}', and table job has '{job.RunId}', and not the other among the older runs");
        return row;
    }

    private LeaseGrant? Grant()
    {
        if (Attempt.Lease is not { } lease) return null;
        var offer = Offer ?? throw Contradiction($"it names lease {lease}, of which table offer has nothing");
        return new LeaseGrant
        {
            Lease = lease,
            Worker = Attempt.Worker!.Value,
            Incarnation = Attempt.Incarnation!.Value,
            Host = offer.Host,
            Fence = Attempt.Fence!.Value,
            Needs = offer.Needs,
            Router = offer.Router,
            Profile = offer.Profile,
            Explanation = offer.Explanation,
            OfferedAt = Attempt.OfferedAt!.Value,
            HeldAt = Attempt.HeldAt,
        };
    }

    private FormatException Contradiction(string what) => new($"of conversation {Attempt.Conversation}, {what}");
}
