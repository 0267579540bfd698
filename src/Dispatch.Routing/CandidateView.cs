using System.Collections.Frozen;
using System.Collections.Immutable;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;

namespace Dispatch.Routing;

/// <summary>A worker as a router sees it: a snapshot that does not change.</summary>
public sealed record CandidateView
{
    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Its pool.</summary>
    public required string Pool { get; init; }

    /// <summary>Its state as the registry sees it.</summary>
    public required WorkerState State { get; init; }

    /// <summary>Whether it has been silent for more than half a lease, and gets no new work until it is heard again.</summary>
    public bool Silent { get; init; }

    /// <summary>Whether it has said what it has since it registered or was lost; until then nothing is sold to it.</summary>
    public bool Stated { get; init; } = true;

    /// <summary>Why it is not ready, one sentence each.</summary>
    public ImmutableArray<string> Unmet { get; init; } = [];

    /// <summary>What it has in all.</summary>
    public required Amounts Total { get; init; }

    /// <summary>What of it is free.</summary>
    public required Amounts Free { get; init; }

    /// <summary>Leases that take of its capacity: offered, held, or otherwise still on it.</summary>
    public int Leases { get; init; }

    /// <summary>Of these, offered and not taken yet.</summary>
    public int Buffered { get; init; }

    /// <summary>Its labels.</summary>
    public FrozenDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Images on its host.</summary>
    public FrozenSet<string> Images { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Names of its runtimes.</summary>
    public ImmutableArray<string> Runtimes { get; init; } = [];

    /// <summary>Its host's machine id.</summary>
    public string MachineId { get; init; } = "";

    /// <summary>When it was last heard, UTC.</summary>
    public DateTimeOffset LastSeen { get; init; }
}
