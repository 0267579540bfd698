using System.Collections.Immutable;
using Dispatch.Contracts;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Memory;

/// <content>What the expirer watches, and the retention.</content>
internal sealed partial class MemoryBook
{
    public ExpiryFacts Watch() => new(Pulses(), Waits());

    public int Purge()
    {
        var removed = 0;
        for (var looked = settled.Count; looked > 0; looked--)
        {
            var (at, job, conversation) = settled.Peek();
            var old = IsOld(at);
            if (!old && settled.Count <= Options.SettledRowsMax) break;
            settled.Dequeue();
            if (!jobs.TryGetValue(job, out var state) || state.RowOf(conversation) is not { } row || row.SettledAt != at) continue;
            if (MayGo(row, old))
            {
                Remove(state, row);
                removed++;
            }
            else
            {
                settled.Enqueue((at, job, conversation));
            }
        }

        return removed;
    }

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
            var holds = new SortedDictionary<long, int>();
            foreach (var (lease, job) in entry.Leases)
            {
                if (jobs[job].RowOf(lease) is { State: LeaseState.Held, Grant: { } grant }) holds[grant.Incarnation] = holds.GetValueOrDefault(grant.Incarnation) + 1;
            }

            pulses.AddRange(WorkerPulse.Of(entry.Row, holds, Pools.Find(entry.Row.Pool)?.Profile ?? TimeProfile.Normal));
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
