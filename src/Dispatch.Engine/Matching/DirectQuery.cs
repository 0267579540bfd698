using Dispatch.Engine.Runs;
using Temporalio.Api.Query.V1;

namespace Dispatch.Engine.Matching;

/// <summary>A query that is asked by itself, not with a workflow task.</summary>
internal sealed class DirectQuery(WorkflowSlot slot, string runId, string queryId, WorkflowQuery query)
{
    private int isTaken;

    public WorkflowSlot Slot { get; } = slot;

    public string RunId { get; } = runId;

    public string QueryId { get; } = queryId;

    public WorkflowQuery Query { get; } = query;

    /// <summary>Completes when a worker has taken the query.</summary>
    public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes the query, or takes it back. Only the first to ask gets it.</summary>
    public bool TryTake()
    {
        if (Interlocked.Exchange(ref isTaken, 1) != 0)
        {
            return false;
        }

        Taken.TrySetResult();
        return true;
    }
}
