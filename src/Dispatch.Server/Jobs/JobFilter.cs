using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Server.Jobs;

/// <summary>What a list is narrowed to.</summary>
internal sealed record JobFilter(string? State, string? Pool, string? Owner, string? Label, string? Reason)
{
    /// <summary>Whether jobs write search attributes; without them only the state can be asked for.</summary>
    public bool SearchAttributes { get; init; } = true;

    /// <summary>Whether the state asked for is one that only the registry knows, so that the page itself must be sifted.</summary>
    public bool StateIsFiner => State is not null && Parsed is { } state && state != JobState.Closed && (!SearchAttributes || state is not (JobState.Queued or JobState.Paused));

    private JobState? Parsed => Enum.TryParse<JobState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;

    /// <summary>Whether a job is in the state asked for.</summary>
    public bool Holds(JobView job) => Parsed is not { } state || job.State == state;

    /// <summary>The filter in Temporal's list grammar.</summary>
    /// <param name="errors">Takes what is wrong.</param>
    /// <returns>The query.</returns>
    public string ToQuery(List<SpecError> errors)
    {
        var terms = new List<string> { $"WorkflowType = '{JobNames.Workflow}'" };
        if (State is not null && Parsed is null)
            errors.Add(new("state", State, $"must be one of {string.Join(", ", Enum.GetNames<JobState>())}"));
        if (Parsed == JobState.Closed)
            terms.Add("ExecutionStatus != 'Running'");
        else if (Parsed is { } state)
            terms.Add(!SearchAttributes ? "ExecutionStatus = 'Running'" : $"ExecutionStatus = 'Running' AND {JobNames.StateAttribute} = '{(StateIsFiner ? JobState.Sent : state)}'");
        Add("pool", JobNames.PoolAttribute, Pool);
        Add("owner", JobNames.OwnerAttribute, Owner);
        Add("label", JobNames.LabelsAttribute, Label);
        Add("reason", JobNames.ReasonAttribute, Reason);
        if (Label is not null && Label.IndexOf('=', StringComparison.Ordinal) <= 0)
            errors.Add(new("label", Label, "is no label with its value: write NAME=VALUE"));
        return string.Join(" AND ", terms);

        void Add(string field, string attribute, string? value)
        {
            if (value is not null && !SearchAttributes)
                errors.Add(new(field, value, "cannot be asked for: this server was started with --search-attributes off"));
            else if (value is not null)
                terms.Add($"{attribute} = '{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'");
        }
    }
}
