using Dispatch.Registry.Leases;
using Dispatch.Routing;

namespace Dispatch.Registry.Queue;

/// <summary>The workers of a pool at one moment.</summary>
/// <param name="Version">Grows whenever a job that did not fit before may fit: offers alone do not raise it.</param>
/// <param name="Candidates">The workers, by id in ordinal order.</param>
/// <param name="Queued">How many jobs wait in the pool's queue.</param>
public sealed record PoolCandidates(long Version, IReadOnlyList<CandidateView> Candidates, int Queued);

/// <summary>The first waiting jobs of one shape.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Heads">The jobs, in the order they are to be placed.</param>
/// <param name="Waiting">How many of the shape wait in all; a registry may stop counting at one more than were asked for.</param>
public sealed record WaitingShape(string Shape, IReadOnlyList<JobRow> Heads, int Waiting);
