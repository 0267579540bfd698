using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Reading;

/// <summary>Rows as lists and single gets read them.</summary>
public interface IRegistryReader
{
    /// <summary>The newest row of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The row, or null.</returns>
    Task<JobRow?> FindJobAsync(JobId job, CancellationToken cancellationToken);

    /// <summary>Rows, newest first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One page.</returns>
    Task<JobRowPage> ListJobsAsync(JobRowQuery query, CancellationToken cancellationToken);

    /// <summary>One worker with its leases.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The worker, or null.</returns>
    /// <exception cref="RowsContradictException">Its rows contradict themselves.</exception>
    Task<WorkerRecord?> FindWorkerAsync(WorkerId worker, CancellationToken cancellationToken);

    /// <summary>Workers by id, in ordinal order.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One page.</returns>
    Task<WorkerRecordPage> ListWorkersAsync(WorkerQuery query, CancellationToken cancellationToken);

    /// <summary>What a pool has and waits for.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The counts.</returns>
    Task<PoolCounts> CountPoolAsync(string pool, CancellationToken cancellationToken);

    /// <summary>How many jobs of the same pool rank before a waiting one.</summary>
    /// <param name="row">The waiting row.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The number; 0 is first.</returns>
    Task<int> CountBeforeAsync(JobRow row, CancellationToken cancellationToken);
}
