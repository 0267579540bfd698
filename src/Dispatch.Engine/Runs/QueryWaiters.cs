using System.Collections.Concurrent;
using Temporalio.Api.Query.V1;

namespace Dispatch.Engine.Runs;

/// <summary>Callers that wait for the answer to a query.</summary>
internal sealed class QueryWaiters
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<WorkflowQueryResult?>> waiting = new();

    /// <summary>Begins to wait for an answer; null comes when the query must be asked in another way.</summary>
    public Task<WorkflowQueryResult?> Wait(string queryId) =>
        waiting.GetOrAdd(queryId, _ => new TaskCompletionSource<WorkflowQueryResult?>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public bool Answer(string queryId, WorkflowQueryResult? result) =>
        waiting.TryRemove(queryId, out var waiter) && waiter.TrySetResult(result);

    public void Forget(string queryId) => waiting.TryRemove(queryId, out _);
}
