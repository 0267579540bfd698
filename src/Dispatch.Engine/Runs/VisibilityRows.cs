using Dispatch.Engine.History;
using Dispatch.Engine.Visibility;

namespace Dispatch.Engine.Runs;

/// <summary>What lists show of a run's state.</summary>
internal static class VisibilityRows
{
    public static VisibilityRow Of(RunState state) => new()
    {
        Namespace = state.Key.Namespace,
        WorkflowId = state.Key.WorkflowId,
        RunId = state.RunId,
        WorkflowType = state.WorkflowType,
        TaskQueue = state.QueueName,
        Status = state.Status,
        StartTime = state.StartTime,
        ExecutionTime = state.ExecutionTime,
        CloseTime = state.CloseTime,
        HistoryLength = state.EventCount,
        HistorySizeBytes = state.HistoryBytes,
        Parent = state.Start.ParentWorkflowExecution,
        Root = state.Start.RootWorkflowExecution ?? state.Execution,
        Memo = Described.Memo(state),
        SearchAttributes = state.SearchAttributes.IsEmpty ? null : Described.SearchAttributes(state),
    };
}
