using Dispatch.Contracts.Workers;

namespace Dispatch.Contracts.Http;

/// <summary>A pool.</summary>
public sealed record PoolView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its routing policy and version, as <c>least-loaded@1</c>.</summary>
    public required string Router { get; init; }

    /// <summary>Its times.</summary>
    public required TimeProfile Profile { get; init; }

    /// <summary>How many workers are in each state; states without a worker are left out.</summary>
    public IReadOnlyDictionary<WorkerState, int> Workers { get; init; } = new Dictionary<WorkerState, int>();

    /// <summary>Jobs that wait for a worker.</summary>
    public int Waiting { get; init; }

    /// <summary>Leases offered or held.</summary>
    public int Leased { get; init; }

    /// <summary>When the job that waits longest was submitted, UTC.</summary>
    public DateTimeOffset? OldestWaiting { get; init; }
}
