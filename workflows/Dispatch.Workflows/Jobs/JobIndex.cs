using Dispatch.Contracts;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Jobs;

/// <summary>The search attributes of a job.</summary>
internal static class JobIndex
{
    private static readonly SearchAttributeKey<string> Pool = SearchAttributeKey.CreateKeyword(JobNames.PoolAttribute);
    private static readonly SearchAttributeKey<string> State = SearchAttributeKey.CreateKeyword(JobNames.StateAttribute);
    private static readonly SearchAttributeKey<string> Worker = SearchAttributeKey.CreateKeyword(JobNames.WorkerAttribute);
    private static readonly SearchAttributeKey<string> Reason = SearchAttributeKey.CreateKeyword(JobNames.ReasonAttribute);
    private static readonly SearchAttributeKey<string> Owner = SearchAttributeKey.CreateKeyword(JobNames.OwnerAttribute);
    private static readonly SearchAttributeKey<string> Name = SearchAttributeKey.CreateText(JobNames.NameAttribute);
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> Labels = SearchAttributeKey.CreateKeywordList(JobNames.LabelsAttribute);

    /// <summary>All attributes.</summary>
    public static IReadOnlyList<SearchAttributeKey> All { get; } = [Pool, State, Worker, Reason, Owner, Name, Labels];

    /// <summary>The updates of a state: what never changes is written whenever the rest is.</summary>
    /// <param name="progress">The job.</param>
    /// <param name="index">The state.</param>
    /// <returns>The updates.</returns>
    public static SearchAttributeUpdate[] Of(JobProgress progress, JobAction.Index index)
    {
        List<SearchAttributeUpdate> updates = [State.ValueSet(index.State.ToString())];
        if (index.Worker is { } worker) updates.Add(Worker.ValueSet(worker.Value));
        if (index.Reason is { } reason) updates.Add(Reason.ValueSet(reason.ToString()));
        if (progress.Spec is not { } spec) return [.. updates];
        updates.Add(Pool.ValueSet(spec.Pool));
        if (spec.Owner is { } owner) updates.Add(Owner.ValueSet(owner));
        if (spec.Name is { } name) updates.Add(Name.ValueSet(name));
        if (spec.Labels.Count > 0)
        {
            updates.Add(Labels.ValueSet([.. spec.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")]));
        }

        return [.. updates];
    }
}
