using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;

namespace Dispatch.Registry.Leases;

/// <content>What workers, placers, the expirer and the sweeper say.</content>
public static partial class JobLife
{
    /// <summary>A waiting job is offered a worker; its fence grows. The worker's room is the caller's to check in the same statement.</summary>
    /// <param name="state">The job.</param>
    /// <param name="offer">The offer.</param>
    /// <param name="lease">The new lease's id.</param>
    /// <param name="host">The worker's host.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then; null where it does not wait as it was routed, or a lease of it lives.</returns>
    public static JobState? Offer(JobState state, OfferStatement offer, LeaseId lease, WorkerHost host, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(offer);
        if (state.RowOf(offer.Conversation) is not { Queued: true } row || row.Revision != offer.Revision) return null;
        foreach (var other in state.Rows)
        {
            if (other.Live) return null;
        }

        var fence = state.Fence + 1;
        return state.With(row with
        {
            State = LeaseState.Offered,
            Grant = new LeaseGrant
            {
                Lease = lease,
                Worker = offer.Worker,
                Incarnation = offer.Incarnation,
                Host = host,
                Fence = fence,
                Needs = row.Facts.Needs,
                Router = offer.Router,
                Profile = offer.Profile,
                Explanation = offer.Explanation,
                OfferedAt = now,
            },
            NudgeWanted = false,
            NudgeDue = offer.Nudge,
            ChangedAt = now,
        }) with { Fence = fence };
    }

    /// <summary>The worker takes a lease: still offered, already held by it, or expired and still the job's current one.</summary>
    /// <param name="state">The job.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="incarnation">Its incarnation.</param>
    /// <param name="roomToRevive">Whether the worker has the room for a lease of it that does not count at present.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then, or why it is refused.</returns>
    public static (JobState State, string? Refusal) Confirm(JobState state, LeaseId lease, WorkerId worker, long incarnation, bool roomToRevive, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.RowOf(lease) is not { } row) return (state, $"lease {lease} was superseded: job {state.Job} has gone on to another attempt");
        var grant = row.Grant!;
        if (grant.Worker != worker || grant.Incarnation != incarnation)
            return (state, $"lease {lease} belongs to worker {grant.Worker} incarnation {grant.Incarnation}, not to {worker} incarnation {incarnation}");
        switch (row.State)
        {
            case LeaseState.Held:
                return (state, null);
            case LeaseState.Offered:
                return (state.With(row with { State = LeaseState.Held, Grant = grant with { HeldAt = now }, Activity = LeaseActivity.Received, NudgeDue = false, ChangedAt = now }), null);
            case LeaseState.Expired when row.Ended:
                return (state, $"lease {lease} expired and job {state.Job} has gone past it");
            case LeaseState.Expired when !roomToRevive:
                return (state, $"lease {lease} expired and its room on worker {worker} was sold since");
            case LeaseState.Expired:
                return (state.With(row with { State = LeaseState.Held, EndedAt = null, ChangedAt = now }), null);
            default:
                return (state, $"lease {lease} was returned already");
        }
    }

    /// <summary>A new incarnation on the same host goes on with a lease it still has.</summary>
    /// <param name="state">The job.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="incarnation">The new incarnation.</param>
    /// <param name="host">Its host.</param>
    /// <returns>The job as it is then; unchanged where the lease is not one to go on with.</returns>
    public static JobState TakeOver(JobState state, LeaseId lease, WorkerId worker, long incarnation, WorkerHost host)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.RowOf(lease) is not { MayRun: true, Grant: { } grant } row || grant.Worker != worker || !SameHost(grant.Host, host)) return state;
        return state.With(row with { Grant = grant with { Incarnation = incarnation, Host = host } });
    }

    /// <summary>A worker gives a lease back. A repeat, and a return of what is not current any more, changes nothing.</summary>
    /// <param name="state">The job.</param>
    /// <param name="leaseReturn">The return.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then, and whether the return was late: an outcome that nothing waits for any more.</returns>
    public static (JobState State, bool Late) Return(JobState state, LeaseReturn leaseReturn, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(leaseReturn);
        var withOutcome = leaseReturn.Outcome is not null || leaseReturn.Failure is not null;
        if (state.RowOf(leaseReturn.Lease) is not { } row || row.Grant!.Worker != leaseReturn.Worker) return (state, withOutcome);
        if (!row.Live && !row.MayRun) return (state, withOutcome && !row.HasOutcome);
        var returned = row with
        {
            State = LeaseState.Returned,
            BlockedBy = null,
            Outcome = leaseReturn.Outcome,
            Failure = leaseReturn.Failure,
            Activity = row.Activity is null ? null : LeaseActivity.Ended,
            StartedAt = leaseReturn.Outcome?.StartedAt ?? row.StartedAt,
            NudgeDue = row.NudgeDue || row.NudgeWanted,
            NudgeWanted = false,
            EndedAt = now,
            ChangedAt = now,
        };
        return (Unblock(state.With(returned), leaseReturn.Lease), false);
    }

    /// <summary>An offer that its worker can never take any more (a newer incarnation has registered) ends.</summary>
    /// <param name="state">The job.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then.</returns>
    public static JobState Withdraw(JobState state, LeaseId lease, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.RowOf(lease) is { State: LeaseState.Offered } row ? state.With(Unstarted(row, now)) : state;
    }

    /// <summary>A held lease that was not renewed for its length ends.</summary>
    /// <param name="state">The job.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then.</returns>
    public static JobState Expire(JobState state, LeaseId lease, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.RowOf(lease) is not { State: LeaseState.Held } row) return state;
        return state.With(row with
        {
            State = LeaseState.Expired,
            Expiries = row.Expiries + 1,
            NudgeDue = row.NudgeDue || row.NudgeWanted,
            NudgeWanted = false,
            EndedAt = now,
            ChangedAt = now,
        });
    }

    /// <summary>Another conversation, or after a reset its own, has waited long enough for an expired lease: it can never live again, and no longer blocks.</summary>
    /// <param name="state">The job.</param>
    /// <param name="lease">The lease that blocked.</param>
    /// <param name="expiries">How often it had expired when the wait began; where it came to life since, nothing changes.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then.</returns>
    public static JobState Lift(JobState state, LeaseId lease, int expiries, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.RowOf(lease) is not { State: LeaseState.Expired, Ended: false } row || row.Expiries != expiries) return state;
        return Unblock(
            state.With(row with { Ended = true, BlockedBy = null, NudgeDue = row.NudgeDue || row.NudgeWanted, NudgeWanted = false, ChangedAt = now }), lease);
    }

    /// <summary>The job has ended: it leaves the queue, an offer is returned, the reason is written. What a worker holds stays its own.</summary>
    /// <param name="state">The job.</param>
    /// <param name="settlement">What became of it.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then; unchanged where a later ask or another run has spoken since.</returns>
    public static JobState Settle(JobState state, Settlement settlement, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(settlement);
        if (state.RowOf(settlement.Conversation) is not { SettledAt: null } row) return state;
        if (!string.Equals(row.RunId, settlement.RunId, StringComparison.Ordinal) || settlement.Ask < row.Ask) return state;
        return state.With(LeaveQueue(row, now) with
        {
            Reason = settlement.Reason,
            ClosedBy = settlement.ClosedBy,
            NudgeWanted = false,
            NudgeDue = false,
            SettledAt = now,
            ChangedAt = now,
        });
    }

    /// <summary>Whether two descriptions are of the same host: machine, boot and data directory are equal, and no runtime has become another.</summary>
    /// <param name="one">One.</param>
    /// <param name="other">The other.</param>
    /// <returns>True where they are.</returns>
    public static bool SameHost(WorkerHost one, WorkerHost other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.MachineId == other.MachineId && one.BootId == other.BootId && one.DataDirectoryId == other.DataDirectoryId
            && one.RuntimeIds.All(pair => !other.RuntimeIds.TryGetValue(pair.Key, out var id) || id == pair.Value);
    }

    private static JobState Unblock(JobState state, LeaseId lease)
    {
        foreach (var row in state.Rows)
        {
            if (row.BlockedBy != lease) continue;
            state = state.With(row with { BlockedBy = BlockerOf(state, row), Revision = row.Revision + 1 });
        }

        return state;
    }
}
