using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>What lists and counts know of one run. Each change of a run records a new row in place of the old one.</summary>
internal sealed record VisibilityRow
{
    public required string Namespace { get; init; }

    public required string WorkflowId { get; init; }

    public required string RunId { get; init; }

    public required string WorkflowType { get; init; }

    public required string TaskQueue { get; init; }

    public required WorkflowExecutionStatus Status { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    /// <summary>When the first task may run: the start time and the first back-off.</summary>
    public required DateTimeOffset ExecutionTime { get; init; }

    /// <summary>Null while open.</summary>
    public DateTimeOffset? CloseTime { get; init; }

    public long HistoryLength { get; init; }

    public long HistorySizeBytes { get; init; }

    public long StateTransitionCount { get; init; }

    public WorkflowExecution? Parent { get; init; }

    public WorkflowExecution? Root { get; init; }

    public Memo? Memo { get; init; }

    /// <summary>As checked and stamped by <see cref="SearchAttributeRegistry.Checked"/>; not changed after it was recorded.</summary>
    public SearchAttributes? SearchAttributes { get; init; }
}
