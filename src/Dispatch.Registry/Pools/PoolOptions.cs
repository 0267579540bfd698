using Dispatch.Contracts;
using Dispatch.Contracts.Jobs;
using Dispatch.Routing.Policies;

namespace Dispatch.Registry.Pools;

/// <summary>A pool as the user configured it; immutable.</summary>
public sealed record PoolOptions
{
    /// <summary>The pool of jobs and workers that name none.</summary>
    public const string DefaultName = "default";

    /// <summary>Its name.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>Its routing policy: a built-in one (<see cref="RoutingPolicies.Names"/>) or the name of a router registered in code.</summary>
    public string Router { get; init; } = RoutingPolicies.Default;

    /// <summary>Names of filters registered in code that hold in this pool beside the built-in ones.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>Scorers registered in code that count in this pool, by name with their weights (the built-in load counts 100).</summary>
    public IReadOnlyDictionary<string, double> Scorers { get; init; } = new Dictionary<string, double>();

    /// <summary>Its times.</summary>
    public TimeProfile Profile { get; init; } = TimeProfile.Normal;

    /// <summary>What it allows a spec to ask.</summary>
    public Admission Admission { get; init; } = new();

    /// <summary>What happens to a job that no worker of the pool can ever take.</summary>
    public NoEligible NoEligible { get; init; } = NoEligible.Wait;

    /// <summary>After how long a waiting head has the worker kept free where it will fit first. Default 5 min.</summary>
    public TimeSpan ReserveAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most jobs that wait at once; beyond, a new one is refused with <c>MaxConcurrentJobs</c>. Default 100,000.</summary>
    public int WaitingMax { get; init; } = 100_000;
}

/// <summary>What happens to a job that no worker of a pool can ever take.</summary>
public enum NoEligible
{
    /// <summary>It waits for one that can, until its queue time-out.</summary>
    Wait,

    /// <summary>It is refused at once with <c>NoEligibleWorker</c>.</summary>
    Fail,
}
