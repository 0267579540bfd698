using Dispatch.Contracts;
using Dispatch.Contracts.Ids;

namespace Dispatch.Workflows.Jobs;

/// <summary>An attempt with its worker.</summary>
internal sealed record OpenAttempt
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>The fence.</summary>
    public required long Fence { get; init; }

    /// <summary>The pool's times.</summary>
    public required TimeProfile Profile { get; init; }

    /// <summary>The version of the host that placed it.</summary>
    public required string Version { get; init; }

    /// <summary>Newest delivery.</summary>
    public int Delivery { get; init; }

    /// <summary>Whether the worker has said that it is over: it is never sent again.</summary>
    public bool Answered { get; init; }

    /// <summary>Whether its end is recorded.</summary>
    public bool Over { get; init; }

    /// <summary>The worker's queue.</summary>
    public string Queue => WorkerQueue.Of(Worker, Incarnation);
}
