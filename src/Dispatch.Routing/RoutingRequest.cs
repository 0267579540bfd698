using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;

namespace Dispatch.Routing;

/// <summary>A worker kept free for a job that has waited long.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Holder">The job it is kept for.</param>
/// <param name="Since">Since when that job has waited, UTC.</param>
public sealed record Reservation(WorkerId Worker, JobId Holder, DateTimeOffset Since);

/// <summary>One question to a router.</summary>
public sealed record RoutingRequest
{
    /// <summary>The job.</summary>
    public required JobFacts Job { get; init; }

    /// <summary>The workers, by id in ordinal order.</summary>
    public required IReadOnlyList<CandidateView> Candidates { get; init; }

    /// <summary>Workers, each in one incarnation, that are not to be chosen.</summary>
    public IReadOnlyList<ExcludedWorker> Excluded { get; init; } = [];

    /// <summary>Workers kept free for jobs that rank before this one.</summary>
    public IReadOnlyList<Reservation> Reservations { get; init; } = [];

    /// <summary>Chance for policies that draw: the same seed draws the same.</summary>
    public ulong Seed { get; init; }

    /// <summary>A number that grows with each placement of the pool, for policies that take turns.</summary>
    public long Turn { get; init; }

    /// <summary>The time, UTC.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Whether the explanation is wanted; it costs more than the choice.</summary>
    public bool Explain { get; init; }
}
