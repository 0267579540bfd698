using Dispatch.Contracts.Placing;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Book;

/// <content>What placers, sweeper and retention say.</content>
internal abstract partial class RegistryBook
{
    public AskOutcome Ask(AskStatement statement)
    {
        var ask = statement.Ask;
        var old = JobOf(ask.Job);
        var (state, outcome) = JobLife.Ask(old, statement with { Ask = ask with { QueuedAt = Instants.Stored(ask.QueuedAt) } }, FenceFloor, Now);
        if (outcome.Kind != AskKind.Row) return outcome;
        if (outcome.Row!.Queued && old?.RowOf(ask.Conversation) is null && QueueFull(statement.Facts.Pool)) return new AskOutcome(AskKind.QueueFull);
        Commit(old, state!);
        var row = JobOf(ask.Job)!.RowOf(ask.Conversation)!;
        if (row.Queued && statement.AtOnce is { } offer) row = Offer(offer with { Revision = row.Revision }).Row ?? row;
        return outcome with { Row = row, RenewedAt = RenewedAt(row) };
    }

    public bool AdoptRun(RunAdoption adoption)
    {
        if (JobOf(adoption.Job) is not { } old) return false;
        var state = JobLife.Adopt(old, adoption, Now);
        if (ReferenceEquals(old, state)) return false;
        Commit(old, state);
        return true;
    }

    public OfferOutcome Offer(OfferStatement offer)
    {
        if (JobOf(offer.Job) is not { } old || old.RowOf(offer.Conversation) is not { } row) return new OfferOutcome(OfferKind.JobChanged, null);
        if (Unreadable(offer.Worker) || WorkerOf(offer.Worker) is not { } entry || entry.Row.Incarnation != offer.Incarnation || !entry.Row.TakesWork
            || entry.Row.Pool != row.Facts.Pool || !ViewOf(entry).Free.Covers(row.Facts.Needs)) return new OfferOutcome(OfferKind.NoRoom, row);
        if (JobLife.Offer(old, offer, newLease(), entry.Row.Host, Now) is not { } state) return new OfferOutcome(OfferKind.JobChanged, row);
        Commit(old, state);
        return new OfferOutcome(OfferKind.Offered, JobOf(offer.Job)!.RowOf(offer.Conversation));
    }

    public bool Settle(Settlement settlement)
    {
        if (JobOf(settlement.Job) is not { } old) return false;
        Commit(old, JobLife.Settle(old, settlement, Now));
        return true;
    }

    public bool Lift(BlockedWait wait)
    {
        if (JobOf(wait.Job) is not { } old) return false;
        var state = JobLife.Lift(old, wait.Lease, wait.Expiries, Now);
        if (ReferenceEquals(old, state)) return false;
        Commit(old, state);
        return true;
    }

    /// <summary>Whether a settled row that is beyond the number or the age that is kept may go: what a worker has is never forgotten.</summary>
    /// <param name="row">The row.</param>
    /// <param name="old">Whether it is beyond the age.</param>
    public static bool MayGo(JobRow row, bool old) => row.SettledAt is not null && row.State != LeaseState.Held && (old || !row.MayRun);

    /// <summary>Whether a row was settled longer ago than rows are kept.</summary>
    public bool IsOld(DateTimeOffset settledAt) => Now - settledAt > options.SettledKept;

    private DateTimeOffset? RenewedAt(JobRow row) =>
        row is { State: LeaseState.Held, Grant: { } grant } && WorkerOf(grant.Worker) is { } entry ? entry.Row.RenewedAt : null;
}
