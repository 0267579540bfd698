using Dispatch.Contracts.Placing;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Memory;

/// <content>What placers say and ask.</content>
public sealed partial class InMemoryRegistry
{
    /// <inheritdoc/>
    public Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return Task.FromResult(Run(() =>
        {
            var ask = statement.Ask;
            var old = jobs.GetValueOrDefault(ask.Job);
            var (state, outcome) = JobLife.Ask(old, statement, fenceFloor, Now);
            if (outcome.Kind != AskKind.Row) return outcome;
            if (outcome.Row!.Queued && old?.RowOf(ask.Conversation) is null && PoolOf(statement.Facts.Pool).Queue.Count >= WaitingMaxOf(statement.Facts.Pool))
                return new AskOutcome(AskKind.QueueFull);
            Commit(old, state!);
            return outcome with { Row = jobs[ask.Job].RowOf(ask.Conversation), RenewedAt = RenewedAt(outcome.Row) };
        }));
    }

    /// <inheritdoc/>
    public Task<bool> AdoptRunAsync(RunAdoption adoption, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(adoption);
        return Task.FromResult(Run(() =>
        {
            if (!jobs.TryGetValue(adoption.Job, out var old)) return false;
            var state = JobLife.Adopt(old, adoption, Now);
            if (ReferenceEquals(old, state)) return false;
            Commit(old, state);
            return true;
        }));
    }

    /// <inheritdoc/>
    public Task<OfferOutcome> OfferAsync(OfferStatement offer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return Task.FromResult(Run(() =>
        {
            if (!jobs.TryGetValue(offer.Job, out var old) || old.RowOf(offer.Conversation) is not { } row) return new OfferOutcome(OfferKind.JobChanged, null);
            if (!workers.TryGetValue(offer.Worker, out var entry) || entry.Row.Incarnation != offer.Incarnation || !entry.Row.TakesWork
                || entry.Row.Pool != row.Facts.Pool || !ViewOf(entry).Free.Covers(row.Facts.Needs)) return new OfferOutcome(OfferKind.NoRoom, row);
            if (JobLife.Offer(old, offer, newLease(), entry.Row.Host, Now) is not { } state) return new OfferOutcome(OfferKind.JobChanged, row);
            Commit(old, state);
            return new OfferOutcome(OfferKind.Offered, jobs[offer.Job].RowOf(offer.Conversation));
        }));
    }

    /// <inheritdoc/>
    public Task SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        Run(() =>
        {
            if (!jobs.TryGetValue(settlement.Job, out var old)) return false;
            Commit(old, JobLife.Settle(old, settlement, Now));
            return true;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<PoolCandidates> CandidatesAsync(string pool, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return Task.FromResult(Run(() =>
        {
            var entry = PoolOf(pool);
            return new PoolCandidates(entry.Version, SnapshotOf(entry), entry.Queue.Count);
        }));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WaitingShape>> HeadsAsync(string pool, int perShape, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(perShape, 1);
        return Task.FromResult(Run(() => PoolOf(pool).Queue.Heads(perShape)));
    }

    private CandidateView[] SnapshotOf(PoolEntry pool)
    {
        if (pool.Snapshot is { } snapshot) return snapshot;
        snapshot = new CandidateView[pool.Workers.Count];
        for (var i = 0; i < snapshot.Length; i++) snapshot[i] = ViewOf(workers[pool.Workers.GetValueAtIndex(i)]);
        return pool.Snapshot = snapshot;
    }

    private CandidateView ViewOf(WorkerEntry entry)
    {
        if (entry.View is { } view) return view;
        var row = entry.Row;
        var (used, count) = WorkerUse.Of(row, entry.Live, lease => leases.GetValueOrDefault(lease)?.Needs);
        return entry.View = new CandidateView
        {
            Worker = row.Worker,
            Incarnation = row.Incarnation,
            Pool = row.Pool,
            State = row.State,
            Silent = row.Silent,
            Stated = row.Stated,
            Unmet = row.Unmet,
            Total = row.Total,
            Free = row.Total.Minus(used),
            Leases = count,
            Buffered = entry.Buffered,
            Labels = row.Labels,
            Images = row.Images,
            Runtimes = row.Runtimes,
            MachineId = row.Host.MachineId,
            LastSeen = row.RenewedAt,
        };
    }

    private DateTimeOffset? RenewedAt(JobRow row) =>
        row is { State: LeaseState.Held, Grant: { } grant } && workers.TryGetValue(grant.Worker, out var entry) ? entry.Row.RenewedAt : null;

    private int WaitingMaxOf(string pool) => pools.Find(pool)?.WaitingMax ?? 0;
}
