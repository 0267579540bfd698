using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Leases;

/// <summary>One lease: capacity on one worker for one attempt.</summary>
public sealed record LeaseGrant
{
    /// <summary>Its id.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>The incarnation that may take it or has it.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The host it belongs to.</summary>
    public required WorkerHost Host { get; init; }

    /// <summary>The job's fence.</summary>
    public required long Fence { get; init; }

    /// <summary>What it takes.</summary>
    public required Amounts Needs { get; init; }

    /// <summary>Router policy and version.</summary>
    public required string Router { get; init; }

    /// <summary>The pool's times when it was offered.</summary>
    public required TimeProfile Profile { get; init; }

    /// <summary>Why this worker.</summary>
    public PlacementExplanation? Explanation { get; init; }

    /// <summary>When it was offered, UTC.</summary>
    public required DateTimeOffset OfferedAt { get; init; }

    /// <summary>When it was first taken, UTC.</summary>
    public DateTimeOffset? HeldAt { get; init; }
}
