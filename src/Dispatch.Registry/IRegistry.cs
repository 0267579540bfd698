using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;

namespace Dispatch.Registry;

/// <summary>Who may run what, now: leases, queue, workers. Each method is one short statement, conditional and idempotent; nothing is locked between two of them.</summary>
/// <remarks>A registry that does not answer throws <see cref="Contracts.Errors.DispatchException"/> with <c>RegistryUnavailable</c>; refusals are answers.</remarks>
public interface IRegistry : IWorkerRegistry, IRegistryReader
{
    /// <summary>A workflow asks: the row is made, moved on to the next attempt, or told.</summary>
    /// <param name="statement">The ask.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The row, or why the ask does not count.</returns>
    Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken);

    /// <summary>A run that Temporal says is current takes over its job.</summary>
    /// <param name="adoption">The run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False where another run has taken over since.</returns>
    Task<bool> AdoptRunAsync(RunAdoption adoption, CancellationToken cancellationToken);

    /// <summary>Offers a worker to a waiting job, where the job still waits as it was routed and the worker has the room.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What it came to.</returns>
    Task<OfferOutcome> OfferAsync(OfferStatement offer, CancellationToken cancellationToken);

    /// <summary>The job has ended: it leaves the queue, an offer is returned, the reason is written.</summary>
    /// <param name="settlement">What became of it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is written.</returns>
    Task SettleAsync(Settlement settlement, CancellationToken cancellationToken);

    /// <summary>The workers of a pool as a router sees them.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The candidates, and a version that grows when a job that did not fit may fit.</returns>
    Task<PoolCandidates> CandidatesAsync(string pool, CancellationToken cancellationToken);

    /// <summary>The first waiting jobs of each shape of a pool.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="perShape">How many of each, at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The shapes, in the order of their first job.</returns>
    Task<IReadOnlyList<WaitingShape>> HeadsAsync(string pool, int perShape, CancellationToken cancellationToken);

    /// <summary>What the expirer watches: counters of workers, and conversations that wait for another's lease.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What there is now.</returns>
    Task<ExpiryFacts> WatchAsync(CancellationToken cancellationToken);

    /// <summary>A worker's counter has not moved for half a lease: it gets no new work.</summary>
    /// <param name="silence">Whose counter.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False where it has moved since.</returns>
    Task<bool> FallSilentAsync(WorkerSilence silence, CancellationToken cancellationToken);

    /// <summary>A worker's counter has not moved for a whole lease: what that incarnation holds expires, and the worker is lost.</summary>
    /// <param name="silence">Whose counter.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many leases expired.</returns>
    Task<int> ExpireAsync(WorkerSilence silence, CancellationToken cancellationToken);

    /// <summary>Another conversation has waited long enough for an expired lease.</summary>
    /// <param name="wait">Which wait.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False where the lease came to life or was returned since.</returns>
    Task<bool> LiftAsync(BlockedWait wait, CancellationToken cancellationToken);

    /// <summary>An operator wants something of a worker.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The worker as it is then; null where it is unknown.</returns>
    Task<WorkerRow?> WishAsync(WishStatement wish, CancellationToken cancellationToken);

    /// <summary>Whether a nudge is due, and this caller's to send: where several processes are told of it, one sends it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False where the workflow has asked since, or another process sends it.</returns>
    async Task<bool> ClaimNudgeAsync(JobId job, string runId, CancellationToken cancellationToken) =>
        await FindJobAsync(job, cancellationToken).ConfigureAwait(false) is { NudgeDue: true } row && string.Equals(row.RunId, runId, StringComparison.Ordinal);

    /// <summary>Removes settled rows beyond the limits.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many were removed.</returns>
    Task<int> PurgeAsync(CancellationToken cancellationToken);

    /// <summary>Tells of changes. The observer is called outside every lock and must return at once.</summary>
    /// <param name="observer">Who is told.</param>
    /// <returns>Ends the telling when disposed.</returns>
    IDisposable Subscribe(Action<RegistryChange> observer);
}
