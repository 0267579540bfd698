using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Workers;

namespace Dispatch.Registry.Memory;

/// <content>What workers say.</content>
public sealed partial class InMemoryRegistry
{
    /// <inheritdoc/>
    public Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registration);
        var pool = pools.Find(registration.Pool) ?? throw new DispatchException(
            ErrorCode.NotAdmitted, $"Worker {registration.Worker} wants to serve pool \"{registration.Pool}\", which is not configured. Pools that are: {pools.Names}.");
        CheckNamed(registration.Worker, registration.Has.Count);
        return Task.FromResult(Run(() =>
        {
            var old = workers.GetValueOrDefault(registration.Worker);
            var row = WorkerLife.Register(old?.Row, registration, Now);
            if (!ReferenceEquals(old?.Row, row)) Start(old, row);
            return new WorkerRegistered
            {
                Incarnation = row.Incarnation,
                Profile = pool.Profile,
                Admission = pool.Admission,
                Leases = [.. registration.Has.Select(named => Verdict(row, named.Lease))],
            };
        }));
    }

    /// <inheritdoc/>
    public Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(renewal);
        CheckNamed(renewal.Worker, renewal.Has.Count);
        return Task.FromResult(Run(() =>
        {
            if (!workers.TryGetValue(renewal.Worker, out var entry) || renewal.Incarnation > entry.Row.Incarnation)
                return new RenewalAnswer { Accepted = false, RegisterAgain = true };
            if (renewal.Incarnation < entry.Row.Incarnation) return new RenewalAnswer { Accepted = false };
            var old = entry.Row;
            entry.Row = WorkerLife.Renew(old, renewal, Now);
            if (!ReferenceEquals(old, entry.Row)) Renewed(entry, old);
            return new RenewalAnswer
            {
                Accepted = true,
                Leases = [.. renewal.Has.Select(named => Verdict(entry.Row, named.Lease))],
                Unnamed = UnnamedOf(entry, renewal.Has),
                Wanted = WorkerLife.Wanted(entry.Row),
            };
        }));
    }

    /// <inheritdoc/>
    public Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(confirmation);
        return Task.FromResult(Run(() => Confirm(confirmation)));
    }

    /// <inheritdoc/>
    public Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leaseReturn);
        Run(() =>
        {
            Return(leaseReturn);
            return true;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<WorkerRow?> WishAsync(WishStatement wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return Task.FromResult(Run(() =>
        {
            if (!workers.TryGetValue(wish.Worker, out var entry)) return null;
            entry.Row = WorkerLife.Want(entry.Row, wish);
            Touch(entry, capacityAppeared: true);
            TellOf(entry);
            return entry.Row;
        }));
    }

    private void CheckNamed(WorkerId worker, int count)
    {
        if (count > options.NamedLeasesMax)
            throw new DispatchException(ErrorCode.InternalError, $"Worker {worker} names {count} leases in one call, of at most {options.NamedLeasesMax}.");
    }

    /// <summary>A new incarnation: offers to the old one end, leases of the same host that it has go on with it, the others are left to expire.</summary>
    private void Start(WorkerEntry? old, WorkerRow row)
    {
        var entry = old ?? new WorkerEntry(row);
        if (old is null)
        {
            MakeRoomForWorker();
            workers[row.Worker] = entry;
        }
        else if (old.Row.Pool != row.Pool)
        {
            var left = PoolOf(old.Row.Pool);
            left.Workers.Remove(row.Worker.Value);
            left.Snapshot = null;
        }

        entry.Row = row;
        PoolOf(row.Pool).Workers[row.Worker.Value] = row.Worker;
        foreach (var (lease, job) in entry.Leases.ToArray()) Commit(jobs[job], JobLife.Withdraw(jobs[job], lease, Now));
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
            if (CurrentOf(named.Lease) is not { } current || current.Row.Grant!.Incarnation == entry.Row.Incarnation) continue;
            Commit(current.State, JobLife.TakeOver(current.State, named.Lease, entry.Row.Worker, entry.Row.Incarnation, entry.Row.Host));
        }
    }

    private void NoteActivity(WorkerEntry entry, LeaseStatement named)
    {
        if (CurrentOf(named.Lease) is not { } current || !current.Row.MayRun || current.Row.Grant!.Worker != entry.Row.Worker) return;
        var row = current.Row;
        if (row.Activity == named.Activity && row.Message == named.Message && row.StartedAt == named.StartedAt) return;
        Commit(current.State, current.State.With(row with
        {
            Activity = named.Activity,
            Message = named.Message,
            StartedAt = named.StartedAt ?? row.StartedAt,
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

    private LeaseVerdict Verdict(WorkerRow worker, LeaseId lease)
    {
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
            if (!named.Contains(lease) && jobs[job].RowOf(lease) is { State: LeaseState.Held, Grant: { } grant }
                && (grant.Incarnation == entry.Row.Incarnation || JobLife.SameHost(grant.Host, entry.Row.Host))) unnamed.Add(lease);
        }

        return unnamed;
    }

    private ConfirmAnswer Confirm(LeaseConfirmation confirmation)
    {
        if (!workers.TryGetValue(confirmation.Worker, out var entry)) return Refused($"the registry does not know worker {confirmation.Worker}; it must register again");
        if (entry.Row.Incarnation != confirmation.Incarnation)
            return Refused($"worker {confirmation.Worker} has incarnation {entry.Row.Incarnation} now, the call came from {confirmation.Incarnation}");
        if (!leases.TryGetValue(confirmation.Lease, out var record) || !jobs.TryGetValue(record.Job, out var old)) return Refused($"lease {confirmation.Lease} is unknown");
        var called = WorkerLife.Called(entry.Row, confirmation.Incarnation, confirmation.Call);
        if (called is null && old.RowOf(confirmation.Lease) is not { State: LeaseState.Held })
            return Refused($"call {confirmation.Call} was overtaken by call {entry.Row.Call} of the same worker");
        var (state, refusal) = JobLife.Confirm(old, confirmation.Lease, confirmation.Worker, confirmation.Incarnation, RoomToRevive(entry, confirmation.Lease, record), Now);
        if (called is not null) entry.Row = refusal is null ? WorkerLife.Confirmed(called) : called;
        if (refusal is not null) return Refused(refusal);
        Commit(old, state);
        var row = jobs[record.Job].RowOf(confirmation.Lease)!;
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

    private void Return(LeaseReturn leaseReturn)
    {
        var entry = workers.GetValueOrDefault(leaseReturn.Worker);
        var called = entry is null ? null : WorkerLife.Called(entry.Row, leaseReturn.Incarnation, leaseReturn.Call);
        var containerGone = leaseReturn.Outcome is not null || leaseReturn.Failure is { NothingStarted: false };
        // "Nothing was started" may be overtaken by a later call of the same worker; what has ended has ended.
        if (called is null && !containerGone) return;
        if (entry is not null)
        {
            entry.Row = WorkerLife.Without(called ?? entry.Row, leaseReturn.Lease);
            Touch(entry, capacityAppeared: true);
        }

        if (CurrentOf(leaseReturn.Lease) is not { } current)
        {
            if (containerGone) LateReturns.Add(1);
            return;
        }

        if (!containerGone && entry is not null && !JobLife.SameHost(current.Row.Grant!.Host, entry.Row.Host)) return;
        var (state, late) = JobLife.Return(current.State, leaseReturn, Now);
        if (late) LateReturns.Add(1);
        Commit(current.State, state);
    }

    private void MakeRoomForWorker()
    {
        while (workers.Count >= options.WorkersMax)
        {
            var gone = workers.Values.Where(one => one.Leases.Count == 0 && one.Row.State is WorkerState.Lost or WorkerState.Stopped).MinBy(one => one.Row.RenewedAt)
                ?? throw new DispatchException(ErrorCode.InternalError, $"The registry has {workers.Count} workers, of at most {options.WorkersMax}, and none of them is gone.");
            workers.Remove(gone.Row.Worker);
            var pool = PoolOf(gone.Row.Pool);
            pool.Workers.Remove(gone.Row.Worker.Value);
            pool.Snapshot = null;
        }
    }

    private void TellOf(WorkerEntry entry) => changes.Add(new(RegistryChangeKind.WorkerChanged, entry.Row.Pool, Worker: entry.Row.Worker));

    private static ConfirmAnswer Refused(string why) => new() { Accepted = false, Why = why };
}
