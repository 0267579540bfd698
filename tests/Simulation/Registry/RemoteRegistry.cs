using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;
using Dispatch.Simulation.Time;

namespace Dispatch.Simulation.Registry;

/// <summary>The registry as a process sees it over a link: each statement travels, may be executed late or twice, and its answer may be lost.</summary>
internal sealed class RemoteRegistry(Process from, Link link) : IRegistry
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken) => Ask("ask", one => one.AskAsync(statement, default), cancellationToken);

    public Task<bool> AdoptRunAsync(RunAdoption adoption, CancellationToken cancellationToken) => Ask("adopt", one => one.AdoptRunAsync(adoption, default), cancellationToken);

    public Task<OfferOutcome> OfferAsync(OfferStatement offer, CancellationToken cancellationToken) => Ask("offer", one => one.OfferAsync(offer, default), cancellationToken);

    public Task SettleAsync(Settlement settlement, CancellationToken cancellationToken) => Ask("settle", async one =>
    {
        await one.SettleAsync(settlement, default);
        return true;
    }, cancellationToken);

    public Task<PoolCandidates> CandidatesAsync(string pool, CancellationToken cancellationToken) => Ask("candidates", one => one.CandidatesAsync(pool, default), cancellationToken);

    public Task<IReadOnlyList<WaitingShape>> HeadsAsync(string pool, int perShape, CancellationToken cancellationToken) => Ask("heads", one => one.HeadsAsync(pool, perShape, default), cancellationToken);

    public Task<ExpiryFacts> WatchAsync(CancellationToken cancellationToken) => Ask("watch", one => one.WatchAsync(default), cancellationToken);

    public Task<bool> FallSilentAsync(WorkerSilence silence, CancellationToken cancellationToken) => Ask("silent", one => one.FallSilentAsync(silence, default), cancellationToken);

    public Task<int> ExpireAsync(WorkerSilence silence, CancellationToken cancellationToken) => Ask("expire", one => one.ExpireAsync(silence, default), cancellationToken);

    public Task<bool> LiftAsync(BlockedWait wait, CancellationToken cancellationToken) => Ask("lift", one => one.LiftAsync(wait, default), cancellationToken);

    public Task<int> PurgeAsync(CancellationToken cancellationToken) => Ask("purge", one => one.PurgeAsync(default), cancellationToken);

    public Task<JobRow?> FindJobAsync(JobId job, CancellationToken cancellationToken) => Ask("find", one => one.FindJobAsync(job, default), cancellationToken);

    public Task<JobRowPage> ListJobsAsync(JobRowQuery query, CancellationToken cancellationToken) => Ask("list", one => one.ListJobsAsync(query, default), cancellationToken);

    public Task<WorkerRow?> WishAsync(WishStatement wish, CancellationToken cancellationToken) => Ask("wish", one => one.WishAsync(wish, default), cancellationToken);

    public Task<WorkerRecord?> FindWorkerAsync(WorkerId worker, CancellationToken cancellationToken) => Ask("worker", one => one.FindWorkerAsync(worker, default), cancellationToken);

    public Task<WorkerRecordPage> ListWorkersAsync(WorkerQuery query, CancellationToken cancellationToken) => Ask("workers", one => one.ListWorkersAsync(query, default), cancellationToken);

    public Task<PoolCounts> CountPoolAsync(string pool, CancellationToken cancellationToken) => Ask("count", one => one.CountPoolAsync(pool, default), cancellationToken);

    public Task<int> CountBeforeAsync(JobRow row, CancellationToken cancellationToken) => Ask("before", one => one.CountBeforeAsync(row, default), cancellationToken);

    public Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken) => Ask("register", one => one.RegisterAsync(registration, default), cancellationToken);

    public Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken) => Ask("renew", one => one.RenewAsync(renewal, default), cancellationToken);

    public Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken) => Ask("confirm", one => one.ConfirmAsync(confirmation, default), cancellationToken);

    public Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken) => Ask("return", async one =>
    {
        await one.ReturnAsync(leaseReturn, default);
        return true;
    }, cancellationToken);

    public IDisposable Subscribe(Action<RegistryChange> observer) => from.World.Registry.Rows.Subscribe(observer);

    private Task<T> Ask<T>(string what, Func<IRegistry, Task<T>> statement, CancellationToken cancellationToken)
    {
        var world = from.World;
        var answer = new TaskCompletionSource<T>();
        var giveUp = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        link.Ask(
            from,
            () => world.Registry.Up,
            () => world.Registry.Now(statement),
            (came, result) =>
            {
                giveUp.Dispose();
                if (came) answer.TrySetResult(result!);
                else answer.TrySetException(new DispatchException(ErrorCode.RegistryUnavailable, $"The registry did not answer ({what})."));
            },
            Limit);
        return answer.Task;
    }
}
