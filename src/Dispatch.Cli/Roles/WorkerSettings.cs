using Dispatch.Contracts.Workers;
using Dispatch.Workers;

namespace Dispatch.Cli.Roles;

/// <summary>What the options of a worker say.</summary>
internal sealed record WorkerSettings
{
    /// <summary>The worker's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its data directory.</summary>
    public required string Data { get; init; }

    /// <summary>Its pool.</summary>
    public required string Pool { get; init; }

    /// <summary>What it can hold.</summary>
    public required WorkerCapacity Capacity { get; init; }

    /// <summary>Its labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The runtimes it must have; empty: those that are found.</summary>
    public required IReadOnlyList<string> Runtimes { get; init; }

    /// <summary>Where Docker or Podman listens; null is where it is found.</summary>
    public string? DockerSocket { get; init; }

    /// <summary>What becomes of its jobs when it ends in order.</summary>
    public ShutdownMode Shutdown { get; init; }
}

/// <summary>Where a worker of its own process finds the others.</summary>
/// <param name="Servers">Addresses of servers, at least one.</param>
/// <param name="Temporal">Where Temporal is.</param>
/// <param name="Token">The worker token, or null.</param>
internal sealed record WorkerConnections(IReadOnlyList<Uri> Servers, TemporalAddress Temporal, string? Token);
