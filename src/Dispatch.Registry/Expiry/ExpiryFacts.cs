using System.Collections.Immutable;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Workers;

namespace Dispatch.Registry.Expiry;

/// <summary>One incarnation's renewals as the registry has them. Of an older incarnation nothing moves any more.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Incarnation">The incarnation: the newest, or an older one that still holds leases.</param>
/// <param name="Counter">Its counter.</param>
/// <param name="Profile">Its pool's times.</param>
/// <param name="Holds">How many leases it holds.</param>
public sealed record WorkerPulse(WorkerId Worker, long Incarnation, long Counter, TimeProfile Profile, int Holds)
{
    /// <summary>The counter of an incarnation that is not the newest: it never moves again.</summary>
    private const long StoppedCounter = -1;

    /// <summary>What is to be watched of a worker: every older incarnation that still holds, and the newest unless it is gone and holds nothing.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="holds">How many leases each of its incarnations holds.</param>
    /// <param name="profile">Its pool's times.</param>
    /// <returns>The pulses, older incarnations first.</returns>
    public static IEnumerable<WorkerPulse> Of(WorkerRow row, IReadOnlyDictionary<long, int> holds, TimeProfile profile)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(holds);
        foreach (var (incarnation, count) in holds)
        {
            if (incarnation != row.Incarnation) yield return new(row.Worker, incarnation, StoppedCounter, profile, count);
        }

        var held = holds.GetValueOrDefault(row.Incarnation);
        if (held > 0 || !row.Gone) yield return new(row.Worker, row.Incarnation, row.Counter, profile, held);
    }
}

/// <summary>A conversation that waits for the lease of another one of its job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Conversation">The conversation that waits.</param>
/// <param name="Lease">The lease it waits for.</param>
/// <param name="Expired">Whether that lease has expired; before that the wait has not begun.</param>
/// <param name="Expiries">How often it has.</param>
/// <param name="HeartbeatTimeout">How long the wait is: the heartbeat time-out of the old lease's profile.</param>
public sealed record BlockedWait(JobId Job, ConversationId Conversation, LeaseId Lease, bool Expired, int Expiries, TimeSpan HeartbeatTimeout);

/// <summary>What the expirer watches.</summary>
/// <param name="Pulses">The workers' counters.</param>
/// <param name="Waits">The conversations that wait for another's lease.</param>
public sealed record ExpiryFacts(ImmutableArray<WorkerPulse> Pulses, ImmutableArray<BlockedWait> Waits);

/// <summary>A counter that the expirer has itself seen unchanged for long enough.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Incarnation">The incarnation.</param>
/// <param name="Counter">The counter.</param>
public sealed record WorkerSilence(WorkerId Worker, long Incarnation, long Counter);

/// <summary>What the expirer has to say after one look.</summary>
/// <param name="Silent">Silent for half a lease.</param>
/// <param name="Lost">Silent for a whole lease.</param>
/// <param name="Lifted">Waits that are over.</param>
public sealed record ExpiryFindings(ImmutableArray<WorkerSilence> Silent, ImmutableArray<WorkerSilence> Lost, ImmutableArray<BlockedWait> Lifted);
