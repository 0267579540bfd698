using Dispatch.Contracts.Ids;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Book;

/// <summary>A worker with its leases, and the view made from them. Owned by whoever owns the book.</summary>
internal sealed class WorkerEntry(WorkerRow row)
{
    public WorkerRow Row { get; set; } = row;

    /// <summary>What each offered or held lease takes.</summary>
    public Dictionary<LeaseId, Amounts> Live { get; } = [];

    /// <summary>Leases offered, held or expired, with their jobs.</summary>
    public Dictionary<LeaseId, JobId> Leases { get; } = [];

    /// <summary>How many of the live ones are offered only.</summary>
    public int Buffered { get; set; }

    /// <summary>The view of the row and its leases; null after a change.</summary>
    public CandidateView? View { get; set; }
}
