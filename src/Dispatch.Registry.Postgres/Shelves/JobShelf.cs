using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Rows;

namespace Dispatch.Registry.Postgres.Shelves;

/// <summary>Jobs as this process saw them last, so that they need not be sent again while their version is the same. Losing one costs only time.</summary>
internal sealed class JobShelf(int jobsMax)
{
    private readonly Lock gate = new();
    private Dictionary<JobId, StoredJobState> young = [];
    private Dictionary<JobId, StoredJobState> old = [];
    private Dictionary<LeaseId, JobId> youngLeases = [];
    private Dictionary<LeaseId, JobId> oldLeases = [];

    /// <summary>What is known of jobs, and of the jobs of leases.</summary>
    public IReadOnlyList<StoredJobState> Known(IReadOnlyCollection<JobId> jobs, IReadOnlyCollection<LeaseId> leases)
    {
        var known = new Dictionary<JobId, StoredJobState>();
        lock (gate)
        {
            foreach (var job in jobs)
            {
                if (Find(job) is { } state) known[job] = state;
            }

            foreach (var lease in leases)
            {
                if ((youngLeases.TryGetValue(lease, out var job) || oldLeases.TryGetValue(lease, out job)) && Find(job) is { } state) known[job] = state;
            }
        }

        return [.. known.Values];
    }

    public StoredJobState? Known(JobId job)
    {
        lock (gate) return Find(job);
    }

    public void Put(StoredJobState state)
    {
        lock (gate)
        {
            var job = state.State.Job;
            if (Find(job) is { } have && have.Version > state.Version) return;
            young[job] = state;
            foreach (var row in state.State.Rows)
            {
                if (row.Grant is { } grant) youngLeases[grant.Lease] = job;
            }

            if (young.Count < jobsMax / 2) return;
            (old, young) = (young, []);
            (oldLeases, youngLeases) = (youngLeases, []);
        }
    }

    public void Drop(JobId job)
    {
        lock (gate)
        {
            young.Remove(job);
            old.Remove(job);
        }
    }

    private StoredJobState? Find(JobId job) => young.TryGetValue(job, out var state) || old.TryGetValue(job, out state) ? state : null;
}
