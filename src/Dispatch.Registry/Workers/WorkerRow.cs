using System.Collections.Frozen;
using System.Collections.Immutable;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Workers;

/// <summary>One worker as the registry knows it. Immutable; the statements of <see cref="WorkerLife"/> make a new one.</summary>
public sealed record WorkerRow
{
    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its newest incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>The start that got this incarnation.</summary>
    public required string StartId { get; init; }

    /// <summary>Its host.</summary>
    public required WorkerHost Host { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Its pool.</summary>
    public required string Pool { get; init; }

    /// <summary>What it declared.</summary>
    public required WorkerCapacity Capacity { get; init; }

    /// <summary>What it has in all.</summary>
    public required Amounts Total { get; init; }

    /// <summary>Its labels.</summary>
    public required FrozenDictionary<string, string> Labels { get; init; }

    /// <summary>Images on its host.</summary>
    public required FrozenSet<string> Images { get; init; }

    /// <summary>Names of its runtimes.</summary>
    public required ImmutableArray<string> Runtimes { get; init; }

    /// <summary>The state it reported last.</summary>
    public WorkerState Reported { get; init; }

    /// <summary>Why it is not ready.</summary>
    public ImmutableArray<string> Unmet { get; init; } = [];

    /// <summary>The highest call number seen of this incarnation.</summary>
    public long Call { get; init; }

    /// <summary>Raised by each renewal: what the expirer watches.</summary>
    public long Counter { get; init; }

    /// <summary>What it said last that it has.</summary>
    public ImmutableArray<LeaseStatement> Named { get; init; } = [];

    /// <summary>Whether it has said what it has since it registered, or since it was lost.</summary>
    public bool Stated { get; init; }

    /// <summary>Whether it has been silent for more than half a lease.</summary>
    public bool Silent { get; init; }

    /// <summary>Whether it has been silent for longer than a lease.</summary>
    public bool Lost { get; init; }

    /// <summary>What an operator wants of it.</summary>
    public WorkerWish Wish { get; init; }

    /// <summary>Who wants it.</summary>
    public string? WishedBy { get; init; }

    /// <summary>Why.</summary>
    public string? WishReason { get; init; }

    /// <summary>Whether a drain was taken back that the worker still reports.</summary>
    public bool Undraining { get; init; }

    /// <summary>When this incarnation registered, UTC.</summary>
    public DateTimeOffset RegisteredAt { get; init; }

    /// <summary>When it was last heard, UTC.</summary>
    public DateTimeOffset RenewedAt { get; init; }

    /// <summary>Its state as the registry sees it.</summary>
    public WorkerState State => Reported == WorkerState.Stopped ? WorkerState.Stopped
        : Lost ? WorkerState.Lost
        : Wish == WorkerWish.Quarantine ? WorkerState.Quarantined
        : Wish == WorkerWish.Drain ? WorkerState.Draining
        : Reported;

    /// <summary>Whether it is stopped or lost: with nothing left on it, it may be forgotten.</summary>
    public bool Gone => State is WorkerState.Lost or WorkerState.Stopped;

    /// <summary>Whether it may be offered work, room apart.</summary>
    public bool TakesWork => State == WorkerState.Ready && Stated && !Silent;
}
