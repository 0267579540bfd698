using Dispatch.Contracts.Ids;
using Dispatch.Registry.Book;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>A worker as it was read or written. Immutable.</summary>
/// <param name="Row">The worker.</param>
/// <param name="Version">Its version.</param>
/// <param name="Live">What each offered or held lease takes.</param>
/// <param name="Leases">Leases offered, held or expired, with their jobs.</param>
/// <param name="Buffered">How many of the live ones are offered only.</param>
/// <param name="Records">What is known of the leases it holds and of those it names.</param>
internal sealed record StoredWorkerState(
    WorkerRow Row, long Version, IReadOnlyDictionary<LeaseId, Amounts> Live, IReadOnlyDictionary<LeaseId, JobId> Leases, int Buffered,
    IReadOnlyDictionary<LeaseId, LeaseRecord> Records)
{
    /// <summary>A copy that a book may change.</summary>
    /// <param name="readable">Whether a job's rows can be gone on with; what cannot takes its room and is otherwise left alone.</param>
    public WorkerEntry Entry(Func<JobId, bool> readable)
    {
        var entry = new WorkerEntry(Row) { Buffered = Buffered };
        foreach (var (lease, needs) in Live) entry.Live[lease] = needs;
        foreach (var (lease, job) in Leases)
        {
            if (readable(job)) entry.Leases[lease] = job;
        }

        return entry;
    }
}
