using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Book;
using Dispatch.Registry.Leases;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>All rows of one worker as one JSON text.</summary>
internal sealed record WorkerDocument(StoredWorker Worker, StoredStart? Start, IReadOnlyList<NamedLease> Leases, IReadOnlyList<StoredLease> Others)
{
    /// <summary>The columns of one worker's document; <c>w</c> is the worker's row.</summary>
    public const string Select = """
        SELECT w.worker AS "Key", json_build_object('worker', w, 'start', s,
            'leases', ARRAY(
                SELECT json_build_object('lease', l, 'state', a.state)
                FROM lease l LEFT JOIN attempt a ON a.job = l.job AND a.lease = l.lease
                WHERE l.holder = w.worker ORDER BY l.lease),
            'others', ARRAY(
                SELECT row_to_json(l) FROM lease l
                WHERE l.holder IS DISTINCT FROM w.worker AND l.lease IN (SELECT n ->> 'lease' FROM jsonb_array_elements(w.named) n)))::text AS "Json"
        FROM worker w LEFT JOIN worker_start s ON s.worker = w.worker
        """;

    /// <summary>Reads a document.</summary>
    /// <param name="worker">Whose it is.</param>
    /// <param name="json">The text.</param>
    /// <returns>The worker; or why its rows cannot be gone on with.</returns>
    public static (StoredWorkerState? State, DispatchException? Broken) Read(WorkerId worker, string json)
    {
        try
        {
            var document = RowJson.Read<WorkerDocument>(json);
            var start = document.Start ?? throw new FormatException("table worker_start has nothing of it");
            return (document.State(start), null);
        }
        catch (Exception error) when (RowJson.IsOfRow(error))
        {
            return (null, new RowsContradictException(
                $"worker {worker}", RowFault.Of<WorkerDocument>(error, json), "Correct them; or end the worker, delete its row in table worker, and start it again.", error));
        }
    }

    private StoredWorkerState State(StoredStart start)
    {
        var live = new Dictionary<LeaseId, Amounts>();
        var leases = new Dictionary<LeaseId, JobId>();
        var records = new Dictionary<LeaseId, LeaseRecord>();
        var buffered = 0;
        foreach (var (lease, state) in Leases)
        {
            records[lease.Lease] = new(lease.Job, lease.Worker, lease.Needs);
            if (state is null or LeaseState.Offered or LeaseState.Held) live[lease.Lease] = lease.Needs;
            if (state == LeaseState.Offered) buffered++;
            if (state is not null) leases[lease.Lease] = lease.Job;
        }

        foreach (var other in Others) records[other.Lease] = new(other.Job, other.Worker, other.Needs);
        return new(Worker.Row(start), Worker.Version, live, leases, buffered, records);
    }
}

/// <summary>A lease that a worker holds, with its attempt's state; without one somebody has changed it by hand, and it takes its room.</summary>
internal sealed record NamedLease(StoredLease Lease, LeaseState? State);
