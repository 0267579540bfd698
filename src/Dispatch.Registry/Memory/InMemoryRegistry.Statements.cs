using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;

namespace Dispatch.Registry.Memory;

/// <content>The statements, each run under the lock.</content>
public sealed partial class InMemoryRegistry
{
    /// <inheritdoc/>
    public Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return RunAsync(() => book.Ask(statement));
    }

    /// <inheritdoc/>
    public Task<bool> AdoptRunAsync(RunAdoption adoption, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(adoption);
        return RunAsync(() => book.AdoptRun(adoption));
    }

    /// <inheritdoc/>
    public Task<OfferOutcome> OfferAsync(OfferStatement offer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return RunAsync(() => book.Offer(offer));
    }

    /// <inheritdoc/>
    public Task SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        return RunAsync(() => book.Settle(settlement));
    }

    /// <inheritdoc/>
    public Task<PoolCandidates> CandidatesAsync(string pool, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return RunAsync(() => book.Candidates(pool));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WaitingShape>> HeadsAsync(string pool, int perShape, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(perShape, 1);
        return RunAsync(() => book.PoolOf(pool).Queue.Heads(perShape));
    }

    /// <inheritdoc/>
    public Task<ExpiryFacts> WatchAsync(CancellationToken cancellationToken) => RunAsync(book.Watch);

    /// <inheritdoc/>
    public Task<bool> FallSilentAsync(WorkerSilence silence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        return RunAsync(() => book.FallSilent(silence));
    }

    /// <inheritdoc/>
    public Task<int> ExpireAsync(WorkerSilence silence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        return RunAsync(() => book.Expire(silence));
    }

    /// <inheritdoc/>
    public Task<bool> LiftAsync(BlockedWait wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wait);
        return RunAsync(() => book.Lift(wait));
    }

    /// <inheritdoc/>
    public Task<WorkerRow?> WishAsync(WishStatement wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return RunAsync(() => book.Wish(wish));
    }

    /// <inheritdoc/>
    public Task<int> PurgeAsync(CancellationToken cancellationToken) => RunAsync(book.Purge);

    /// <inheritdoc/>
    public Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registration);
        return RunAsync(() => book.Register(registration));
    }

    /// <inheritdoc/>
    public Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(renewal);
        return RunAsync(() => book.Renew(renewal));
    }

    /// <inheritdoc/>
    public Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(confirmation);
        return RunAsync(() => book.Confirm(confirmation));
    }

    /// <inheritdoc/>
    public Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leaseReturn);
        return RunAsync(() =>
        {
            book.Return(leaseReturn);
            return true;
        });
    }

    /// <inheritdoc/>
    public Task<JobRow?> FindJobAsync(JobId job, CancellationToken cancellationToken) => RunAsync(() => book.FindJob(job));

    /// <inheritdoc/>
    public Task<JobRowPage> ListJobsAsync(JobRowQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(() => book.ListJobs(query));
    }

    /// <inheritdoc/>
    public Task<WorkerRecord?> FindWorkerAsync(WorkerId worker, CancellationToken cancellationToken) => RunAsync(() => book.FindWorker(worker));

    /// <inheritdoc/>
    public Task<WorkerRecordPage> ListWorkersAsync(WorkerQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(() => book.ListWorkers(query));
    }

    /// <inheritdoc/>
    public Task<PoolCounts> CountPoolAsync(string pool, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return RunAsync(() => book.CountPool(pool));
    }

    /// <inheritdoc/>
    public Task<int> CountBeforeAsync(JobRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        return RunAsync(() => book.PoolOf(row.Facts.Pool).Queue.CountBefore(QueueRank.Of(row)));
    }
}
