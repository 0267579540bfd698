using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>What routing knows of a job, as it is kept.</summary>
internal sealed record StoredFacts(
    string Pool, Amounts Needs, IReadOnlyList<string> Runtimes, string? Image, WorkerId? Pinned, IReadOnlyList<LabelConstraint> Constraints,
    IReadOnlyList<LabelPreference> Preferences, IReadOnlyDictionary<string, string> Labels, string? Name, string? Owner)
{
    public static StoredFacts Of(JobFacts facts) => new(
        facts.Pool, facts.Needs, facts.Runtimes, facts.Image, facts.Pinned, [.. facts.Constraints.Select(rule => rule.Constraint)],
        [.. facts.Preferences.Select(preference => new LabelPreference(preference.Rule.Constraint, preference.Weight))], facts.Labels, facts.Name, facts.Owner);

    public JobFacts Facts(JobId job) => new()
    {
        Job = job,
        Pool = Pool,
        Needs = Needs,
        Runtimes = [.. Runtimes],
        Image = Image,
        Pinned = Pinned,
        Constraints = [.. Constraints.Select(constraint => new LabelRule(constraint))],
        Preferences = [.. Preferences.Select(preference => new WeightedRule(new LabelRule(preference.Constraint), preference.Weight))],
        Labels = Labels,
        Name = Name,
        Owner = Owner,
    };
}
