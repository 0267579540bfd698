using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Workers;

namespace Dispatch.Registry.Book;

/// <content>What workers say, and what is said of them.</content>
internal abstract partial class RegistryBook
{
    /// <summary>Refuses a call that names more than may be named, or a pool that is not there.</summary>
    public PoolOptions Check(WorkerRegistration registration)
    {
        CheckNamed(registration.Worker, registration.Has.Count);
        return pools.Find(registration.Pool) ?? throw new DispatchException(
            ErrorCode.NotAdmitted, $"Worker {registration.Worker} wants to serve pool \"{registration.Pool}\", which is not configured. Pools that are: {pools.Names}.");
    }

    public WorkerRegistered Register(WorkerRegistration registration)
    {
        var pool = Check(registration);
        var old = WorkerOf(registration.Worker);
        var row = WorkerLife.Register(old?.Row, registration, Now);
        if (!ReferenceEquals(old?.Row, row)) Start(old, row);
        return new WorkerRegistered
        {
            Incarnation = row.Incarnation,
            Profile = pool.Profile,
            Admission = pool.Admission,
            Leases = [.. registration.Has.Select(named => Verdict(row, named))],
        };
    }

    public RenewalAnswer Renew(WorkerRenewal renewal)
    {
        CheckNamed(renewal.Worker, renewal.Has.Count);
        if (WorkerOf(renewal.Worker) is not { } entry || renewal.Incarnation > entry.Row.Incarnation)
            return new RenewalAnswer { Accepted = false, RegisterAgain = true };
        if (renewal.Incarnation < entry.Row.Incarnation) return WorkerLife.Superseded(entry.Row);
        var old = entry.Row;
        entry.Row = WorkerLife.Renew(old, renewal, Now);
        if (!ReferenceEquals(old, entry.Row)) Renewed(entry, old);
        return new RenewalAnswer
        {
            Accepted = true,
            Leases = [.. renewal.Has.Select(named => Verdict(entry.Row, named))],
            Unnamed = UnnamedOf(entry, renewal.Has),
            Wanted = WorkerLife.Wanted(entry.Row),
        };
    }

    public WorkerRow? Wish(WishStatement wish)
    {
        if (WorkerOf(wish.Worker) is not { } entry) return null;
        entry.Row = WorkerLife.Want(entry.Row, wish);
        Touch(entry, capacityAppeared: true);
        TellOf(entry);
        return entry.Row;
    }

    public bool FallSilent(WorkerSilence silence)
    {
        if (WorkerOf(silence.Worker) is not { } entry) return false;
        var row = WorkerLife.FallSilent(entry.Row, silence.Incarnation, silence.Counter);
        if (ReferenceEquals(row, entry.Row)) return false;
        entry.Row = row;
        // A job that kept away from another worker only while this one might become free may go there now.
        Touch(entry, capacityAppeared: true);
        TellOf(entry);
        return true;
    }

    public int Expire(WorkerSilence silence)
    {
        if (WorkerOf(silence.Worker) is not { } entry) return 0;
        if (silence.Incarnation == entry.Row.Incarnation)
        {
            if (silence.Counter != entry.Row.Counter) return 0;
            var lost = WorkerLife.Lose(entry.Row, silence.Incarnation, silence.Counter);
            if (!ReferenceEquals(lost, entry.Row))
            {
                entry.Row = lost;
                Touch(entry, capacityAppeared: true);
                TellOf(entry);
            }
        }

        var expired = 0;
        foreach (var (lease, job) in entry.Leases.ToArray())
        {
            if (JobOf(job) is not { } state || state.RowOf(lease) is not { State: LeaseState.Held, Grant: { } grant } || grant.Incarnation != silence.Incarnation) continue;
            Commit(state, JobLife.Expire(state, lease, Now));
            expired++;
        }

        return expired;
    }

    private void CheckNamed(WorkerId worker, int count)
    {
        if (count > options.NamedLeasesMax)
            throw new DispatchException(ErrorCode.InternalError, $"Worker {worker} names {count} leases in one call, of at most {options.NamedLeasesMax}.");
    }

    /// <summary>A new incarnation: offers to the old one end, leases of the same host that it has go on with it, the others are left to expire.</summary>
    private void Start(WorkerEntry? old, WorkerRow row)
    {
        var entry = old ?? Add(row);
        var left = entry.Row.Pool;
        entry.Row = row;
        if (left != row.Pool) PoolChanged(entry, left);
        foreach (var (lease, job) in entry.Leases.ToArray())
        {
            if (JobOf(job) is { } state) Commit(state, JobLife.Withdraw(state, lease, Now));
        }

        TakeOver(entry);
        Touch(entry, capacityAppeared: true);
        TellOf(entry);
    }

    private void Renewed(WorkerEntry entry, WorkerRow old)
    {
        TakeOver(entry);
        foreach (var named in entry.Row.Named) NoteActivity(entry, named);
        var row = entry.Row;
        if (old.Lost || old.Silent || !old.Stated || old.Reported != row.Reported || !old.Unmet.SequenceEqual(row.Unmet) || OthersNamed(entry, old) || OthersNamed(entry, row))
        {
            Touch(entry, capacityAppeared: true);
            TellOf(entry);
        }
        else
        {
            Touch(entry, capacityAppeared: false);
        }
    }

    private void TakeOver(WorkerEntry entry)
    {
        foreach (var named in entry.Row.Named)
        {
            if (named.Activity == LeaseActivity.InDoubt || Unreadable(named.Lease) || CurrentOf(named.Lease) is not { } current || current.Row.Grant!.Incarnation == entry.Row.Incarnation) continue;
            Commit(current.State, JobLife.TakeOver(current.State, named.Lease, entry.Row.Worker, entry.Row.Incarnation, entry.Row.Host));
        }
    }

    private void NoteActivity(WorkerEntry entry, LeaseStatement named)
    {
        if (named.Activity == LeaseActivity.InDoubt || Unreadable(named.Lease) || CurrentOf(named.Lease) is not { } current || !current.Row.MayRun || current.Row.Grant!.Worker != entry.Row.Worker) return;
        var row = current.Row;
        DateTimeOffset? startedAt = named.StartedAt is { } started ? Instants.Stored(started) : null;
        if (row.Activity == named.Activity && row.Message == named.Message && row.StartedAt == startedAt) return;
        Commit(current.State, current.State.With(row with
        {
            Activity = named.Activity,
            Message = named.Message,
            StartedAt = startedAt ?? row.StartedAt,
            ChangedAt = Now,
        }));
    }

    /// <summary>Whether a worker's use hangs on leases it names that are neither offered nor held.</summary>
    private static bool OthersNamed(WorkerEntry entry, WorkerRow row)
    {
        foreach (var named in row.Named)
        {
            if (!entry.Live.ContainsKey(named.Lease)) return true;
        }

        return false;
    }

    private LeaseVerdict Verdict(WorkerRow worker, LeaseStatement named)
    {
        var lease = named.Lease;
        // Of what cannot be read, or is forgotten, nobody may say that it is over: the worker goes on for as long as Temporal speaks for it. What is in doubt is not renewed.
        if (Unreadable(lease) || RecordOf(lease) is not { } record || JobOf(record.Job) is null) return new(lease, LeaseStanding.Expired);
        if (named.Activity == LeaseActivity.InDoubt)
        {
            return new(lease, CurrentOf(lease) is { Row: { MayRun: true, Grant: { } doubted } } && doubted.Worker == worker.Worker && JobLife.SameHost(doubted.Host, worker.Host)
                ? LeaseStanding.Expired : LeaseStanding.NotYours);
        }

        if (CurrentOf(lease) is not { } current || current.Row.Grant is not { } grant || grant.Worker != worker.Worker || grant.Incarnation != worker.Incarnation)
            return new(lease, LeaseStanding.NotYours);
        return new(lease, current.Row switch
        {
            { Live: true } => LeaseStanding.Held,
            { MayRun: true } => LeaseStanding.Expired,
            _ => LeaseStanding.NotYours,
        });
    }

    private List<LeaseId> UnnamedOf(WorkerEntry entry, IReadOnlyList<LeaseStatement> has)
    {
        if (entry.Leases.Count == 0) return [];
        var named = has.Select(statement => statement.Lease).ToHashSet();
        var unnamed = new List<LeaseId>();
        foreach (var (lease, job) in entry.Leases)
        {
            if (!named.Contains(lease) && JobOf(job)?.RowOf(lease) is { State: LeaseState.Held, Grant: { } grant }
                && (grant.Incarnation == entry.Row.Incarnation || JobLife.SameHost(grant.Host, entry.Row.Host))) unnamed.Add(lease);
        }

        return unnamed;
    }

    public ConfirmAnswer Confirm(LeaseConfirmation confirmation)
    {
        if (WorkerOf(confirmation.Worker) is not { } entry) return Refused($"the registry does not know worker {confirmation.Worker}; it must register again");
        if (entry.Row.Incarnation != confirmation.Incarnation)
            return Refused($"worker {confirmation.Worker} has incarnation {entry.Row.Incarnation} now, the call came from {confirmation.Incarnation}");
        if (RecordOf(confirmation.Lease) is not { } record || JobOf(record.Job) is not { } old) return Refused($"lease {confirmation.Lease} is unknown");
        var called = WorkerLife.Called(entry.Row, confirmation.Incarnation, confirmation.Call);
        if (called is null && old.RowOf(confirmation.Lease) is not { State: LeaseState.Held })
            return Refused($"call {confirmation.Call} was overtaken by call {entry.Row.Call} of the same worker");
        var (state, refusal) = JobLife.Confirm(old, confirmation.Lease, confirmation.Worker, confirmation.Incarnation, RoomToRevive(entry, confirmation.Lease, record), Now);
        if (called is not null) entry.Row = refusal is null ? WorkerLife.Confirmed(called) : called;
        if (refusal is not null) return Refused(refusal);
        Commit(old, state);
        var row = JobOf(record.Job)!.RowOf(confirmation.Lease)!;
        return new ConfirmAnswer { Accepted = true, SpecJson = row.SpecJson, Job = row.Job, Attempt = row.Attempt, Fence = row.Grant!.Fence };
    }

    /// <summary>An expired lease that the worker names counts already; another needs the room that may have been sold since.</summary>
    private bool RoomToRevive(WorkerEntry entry, LeaseId lease, LeaseRecord record)
    {
        foreach (var named in entry.Row.Named)
        {
            if (named.Lease == lease && named.Activity != LeaseActivity.Ended) return true;
        }

        return ViewOf(entry).Free.Covers(record.Needs);
    }

    public void Return(LeaseReturn leaseReturn)
    {
        var entry = WorkerOf(leaseReturn.Worker);
        var called = entry is null ? null : WorkerLife.Called(entry.Row, leaseReturn.Incarnation, leaseReturn.Call);
        if (called is null && !leaseReturn.HasEnded) return;
        if (entry is not null)
        {
            entry.Row = WorkerLife.Without(called ?? entry.Row, leaseReturn.Lease);
            Touch(entry, capacityAppeared: true);
        }

        if (CurrentOf(leaseReturn.Lease) is not { } current)
        {
            if (leaseReturn.HasEnded) LateReturns.Add(1);
            return;
        }

        if (!leaseReturn.HasEnded && entry is not null && !JobLife.SameHost(current.Row.Grant!.Host, entry.Row.Host)) return;
        var (state, late) = JobLife.Return(current.State, leaseReturn, Now);
        if (late) LateReturns.Add(1);
        Commit(current.State, state);
    }

    private static ConfirmAnswer Refused(string why) => new() { Accepted = false, Why = why };
}
