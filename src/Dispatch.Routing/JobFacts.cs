using System.Collections.Immutable;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Routing;

/// <summary>A label rule that adds to a worker's score.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Weight">−100 to 100.</param>
public sealed record WeightedRule(LabelRule Rule, int Weight);

/// <summary>What a router knows of a job, made ready once for many workers.</summary>
public sealed record JobFacts
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>Its pool.</summary>
    public required string Pool { get; init; }

    /// <summary>What one lease takes.</summary>
    public required Amounts Needs { get; init; }

    /// <summary>The names of the runtimes that can run it; one of them must be there.</summary>
    public required ImmutableArray<string> Runtimes { get; init; }

    /// <summary>The image, where it is a container.</summary>
    public string? Image { get; init; }

    /// <summary>The worker it is pinned to.</summary>
    public WorkerId? Pinned { get; init; }

    /// <summary>What labels must fulfil.</summary>
    public ImmutableArray<LabelRule> Constraints { get; init; } = [];

    /// <summary>What labels should fulfil.</summary>
    public ImmutableArray<WeightedRule> Preferences { get; init; } = [];

    /// <summary>The job's own labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Its display name.</summary>
    public string? Name { get; init; }

    /// <summary>Its owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Takes from a spec what routing needs.</summary>
    /// <param name="job">The job.</param>
    /// <param name="spec">Its spec.</param>
    /// <param name="memoryBytes">The attempt's memory, bytes, where it is not the spec's.</param>
    /// <returns>The facts.</returns>
    public static JobFacts Of(JobId job, JobSpec spec, long? memoryBytes = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new()
        {
            Job = job,
            Pool = spec.Pool,
            Needs = Amounts.Of(spec.Resources, memoryBytes),
            Runtimes = spec.Image is null ? RuntimeNames.ForProcesses : RuntimeNames.ForImages,
            Image = spec.Image,
            Pinned = spec.Worker is { } worker ? new WorkerId(worker) : null,
            Constraints = [.. spec.Constraints.Select(constraint => new LabelRule(constraint))],
            Preferences = [.. spec.Preferences.Select(preference => new WeightedRule(new LabelRule(preference.Constraint), preference.Weight))],
            Labels = spec.Labels,
            Name = spec.Name,
            Owner = spec.Owner,
        };
    }

    /// <summary>The requirements as one text: jobs with equal texts fit the same workers (<c>shape</c>).</summary>
    /// <returns>The text.</returns>
    public string Shape() => string.Join('|', Pool, string.Join(',', Runtimes), Needs.Key(), Pinned?.Value,
        string.Join('&', Constraints.Select(rule => rule.ToString())));
}
