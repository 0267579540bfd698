using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;

namespace Dispatch.Simulation.Faults;

/// <summary>A registry whose statements or answers a mutant alters; as it stands it alters nothing.</summary>
internal class RegistryFilter(IRegistry rows) : IRegistry
{
    protected IRegistry Rows { get; } = rows;

    public virtual Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken) => Rows.AskAsync(statement, cancellationToken);

    public virtual Task<bool> AdoptRunAsync(RunAdoption adoption, CancellationToken cancellationToken) => Rows.AdoptRunAsync(adoption, cancellationToken);

    public virtual Task<OfferOutcome> OfferAsync(OfferStatement offer, CancellationToken cancellationToken) => Rows.OfferAsync(offer, cancellationToken);

    public virtual Task SettleAsync(Settlement settlement, CancellationToken cancellationToken) => Rows.SettleAsync(settlement, cancellationToken);

    public virtual Task<PoolCandidates> CandidatesAsync(string pool, CancellationToken cancellationToken) => Rows.CandidatesAsync(pool, cancellationToken);

    public virtual Task<IReadOnlyList<WaitingShape>> HeadsAsync(string pool, int perShape, CancellationToken cancellationToken) => Rows.HeadsAsync(pool, perShape, cancellationToken);

    public virtual Task<ExpiryFacts> WatchAsync(CancellationToken cancellationToken) => Rows.WatchAsync(cancellationToken);

    public virtual Task<bool> FallSilentAsync(WorkerSilence silence, CancellationToken cancellationToken) => Rows.FallSilentAsync(silence, cancellationToken);

    public virtual Task<int> ExpireAsync(WorkerSilence silence, CancellationToken cancellationToken) => Rows.ExpireAsync(silence, cancellationToken);

    public virtual Task<bool> LiftAsync(BlockedWait wait, CancellationToken cancellationToken) => Rows.LiftAsync(wait, cancellationToken);

    public virtual Task<WorkerRow?> WishAsync(WishStatement wish, CancellationToken cancellationToken) => Rows.WishAsync(wish, cancellationToken);

    public virtual Task<int> PurgeAsync(CancellationToken cancellationToken) => Rows.PurgeAsync(cancellationToken);

    public virtual Task<JobRow?> FindJobAsync(JobId job, CancellationToken cancellationToken) => Rows.FindJobAsync(job, cancellationToken);

    public virtual Task<JobRowPage> ListJobsAsync(JobRowQuery query, CancellationToken cancellationToken) => Rows.ListJobsAsync(query, cancellationToken);

    public virtual Task<WorkerRecord?> FindWorkerAsync(WorkerId worker, CancellationToken cancellationToken) => Rows.FindWorkerAsync(worker, cancellationToken);

    public virtual Task<WorkerRecordPage> ListWorkersAsync(WorkerQuery query, CancellationToken cancellationToken) => Rows.ListWorkersAsync(query, cancellationToken);

    public virtual Task<PoolCounts> CountPoolAsync(string pool, CancellationToken cancellationToken) => Rows.CountPoolAsync(pool, cancellationToken);

    public virtual Task<int> CountBeforeAsync(JobRow row, CancellationToken cancellationToken) => Rows.CountBeforeAsync(row, cancellationToken);

    public virtual Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken) => Rows.RegisterAsync(registration, cancellationToken);

    public virtual Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken) => Rows.RenewAsync(renewal, cancellationToken);

    public virtual Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken) => Rows.ConfirmAsync(confirmation, cancellationToken);

    public virtual Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken) => Rows.ReturnAsync(leaseReturn, cancellationToken);

    public IDisposable Subscribe(Action<RegistryChange> observer) => Rows.Subscribe(observer);
}
