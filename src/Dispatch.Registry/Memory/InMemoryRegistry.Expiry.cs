using System.Collections.Immutable;
using Dispatch.Contracts;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Workers;

namespace Dispatch.Registry.Memory;

/// <content>What the expirer and the retention say.</content>
public sealed partial class InMemoryRegistry
{
    /// <summary>The counter of an incarnation that is not the newest: it never moves again.</summary>
    private const long StoppedCounter = -1;

    /// <inheritdoc/>
    public Task<ExpiryFacts> WatchAsync(CancellationToken cancellationToken) => Task.FromResult(Run(() => new ExpiryFacts(Pulses(), Waits())));

    /// <inheritdoc/>
    public Task<bool> FallSilentAsync(WorkerSilence silence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        return Task.FromResult(Run(() =>
        {
            if (!workers.TryGetValue(silence.Worker, out var entry)) return false;
            var row = WorkerLife.FallSilent(entry.Row, silence.Incarnation, silence.Counter);
            if (ReferenceEquals(row, entry.Row)) return false;
            entry.Row = row;
            // A job that kept away from another worker only while this one might become free may go there now.
            Touch(entry, capacityAppeared: true);
            TellOf(entry);
            return true;
        }));
    }

    /// <inheritdoc/>
    public Task<int> ExpireAsync(WorkerSilence silence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        return Task.FromResult(Run(() =>
        {
            if (!workers.TryGetValue(silence.Worker, out var entry)) return 0;
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
                if (jobs[job].RowOf(lease) is not { State: LeaseState.Held, Grant: { } grant } || grant.Incarnation != silence.Incarnation) continue;
                Commit(jobs[job], JobLife.Expire(jobs[job], lease, Now));
                expired++;
            }

            return expired;
        }));
    }

    /// <inheritdoc/>
    public Task<bool> LiftAsync(BlockedWait wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wait);
        return Task.FromResult(Run(() =>
        {
            if (!jobs.TryGetValue(wait.Job, out var old)) return false;
            var state = JobLife.Lift(old, wait.Lease, wait.Expiries, Now);
            if (ReferenceEquals(old, state)) return false;
            Commit(old, state);
            return true;
        }));
    }

    /// <inheritdoc/>
    public Task<int> PurgeAsync(CancellationToken cancellationToken) => Task.FromResult(Run(() =>
    {
        var removed = 0;
        for (var looked = settled.Count; looked > 0; looked--)
        {
            var (at, job, conversation) = settled.Peek();
            var old = Now - at > options.SettledKept;
            if (!old && settled.Count <= options.SettledRowsMax) break;
            settled.Dequeue();
            if (!jobs.TryGetValue(job, out var state) || state.RowOf(conversation) is not { } row || row.SettledAt != at) continue;
            if (row.State == LeaseState.Held || (row.MayRun && !old)) settled.Enqueue((at, job, conversation));
            else
            {
                Remove(state, row);
                removed++;
            }
        }

        return removed;
    }));

    private void Remove(JobState state, JobRow row)
    {
        if (row.Grant is { } grant)
        {
            Spend(grant.Lease);
            if (workers.TryGetValue(grant.Worker, out var entry)) entry.Leases.Remove(grant.Lease);
        }

        byNumber.Remove(row.Number);
        allRows.Remove(row.Number);
        var left = state.Rows.Remove(row);
        if (left.IsEmpty)
        {
            jobs.Remove(state.Job);
            blocked.Remove(state.Job);
            fenceFloor = Math.Max(fenceFloor, state.Fence);
        }
        else
        {
            jobs[state.Job] = state with { Rows = left };
        }
    }

    private ImmutableArray<WorkerPulse> Pulses()
    {
        var pulses = ImmutableArray.CreateBuilder<WorkerPulse>(workers.Count);
        foreach (var entry in workers.Values)
        {
            var row = entry.Row;
            var profile = pools.Find(row.Pool)?.Profile ?? TimeProfile.Normal;
            var holds = new SortedDictionary<long, int>();
            foreach (var (lease, job) in entry.Leases)
            {
                if (jobs[job].RowOf(lease) is { State: LeaseState.Held, Grant: { } grant }) holds[grant.Incarnation] = holds.GetValueOrDefault(grant.Incarnation) + 1;
            }

            foreach (var (incarnation, count) in holds)
            {
                if (incarnation != row.Incarnation) pulses.Add(new(row.Worker, incarnation, StoppedCounter, profile, count));
            }

            var held = holds.GetValueOrDefault(row.Incarnation);
            if (held > 0 || row.State is not (WorkerState.Lost or WorkerState.Stopped)) pulses.Add(new(row.Worker, row.Incarnation, row.Counter, profile, held));
        }

        return pulses.ToImmutable();
    }

    private ImmutableArray<BlockedWait> Waits()
    {
        var waits = ImmutableArray.CreateBuilder<BlockedWait>();
        foreach (var job in blocked)
        {
            var state = jobs[job];
            foreach (var row in state.Rows)
            {
                if (row.BlockedBy is not { } lease || state.RowOf(lease) is not { Grant: { } grant } blocker) continue;
                waits.Add(new(job, row.Conversation, lease, blocker.State == LeaseState.Expired, blocker.Expiries, grant.Profile.HeartbeatTimeout));
            }
        }

        return waits.ToImmutable();
    }
}
