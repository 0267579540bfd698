using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;

namespace Dispatch.Contracts.Http;

/// <summary>A worker as lists and single gets show it.</summary>
public sealed record WorkerView
{
    /// <summary>The worker.</summary>
    public required WorkerId Id { get; init; }

    /// <summary>Its incarnation.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Its pool.</summary>
    public required string Pool { get; init; }

    /// <summary>Its state as the registry sees it.</summary>
    public required WorkerState State { get; init; }

    /// <summary>Why it is not ready, one sentence each.</summary>
    public IReadOnlyList<string> Unmet { get; init; } = [];

    /// <summary>What is wrong with the registry's rows of the worker, and what to do; then nothing else of this is known, and it gets no work. Null where all is well.</summary>
    public string? RowsBroken { get; init; }

    /// <summary>When it was last heard of, UTC.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Its version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Its host's machine id.</summary>
    public string? MachineId { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Its runtimes: <c>docker</c>, <c>podman</c>, <c>process</c>.</summary>
    public IReadOnlyList<string> Runtimes { get; init; } = [];

    /// <summary>What it can hold.</summary>
    public required WorkerCapacity Capacity { get; init; }

    /// <summary>What of it is free.</summary>
    public required WorkerCapacity Free { get; init; }

    /// <summary>The attempts it has.</summary>
    public IReadOnlyList<WorkerLeaseView> Leases { get; init; } = [];
}

/// <summary>An attempt on a worker.</summary>
/// <param name="Job">The job.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Lease">The lease.</param>
/// <param name="State">The lease's state: <c>offered</c>, <c>held</c>, <c>expired</c>.</param>
/// <param name="Activity">What the worker said of it last.</param>
public sealed record WorkerLeaseView(JobId Job, int Attempt, LeaseId Lease, string State, LeaseActivity? Activity);

/// <summary>One page of workers, by id.</summary>
/// <param name="Workers">The workers.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record WorkerPage(IReadOnlyList<WorkerView> Workers, string? Next);
