using System.Collections.Immutable;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;

namespace Dispatch.Registry.Expiry;

/// <summary>One incarnation's renewals as the registry has them. Of an older incarnation nothing moves any more.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Incarnation">The incarnation: the newest, or an older one that still holds leases.</param>
/// <param name="Counter">Its counter.</param>
/// <param name="Profile">Its pool's times.</param>
/// <param name="Holds">How many leases it holds.</param>
public sealed record WorkerPulse(WorkerId Worker, long Incarnation, long Counter, TimeProfile Profile, int Holds);

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
