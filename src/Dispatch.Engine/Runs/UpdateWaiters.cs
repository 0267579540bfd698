using System.Collections.Concurrent;
using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;

namespace Dispatch.Engine.Runs;

/// <summary>Callers that wait for an update to reach a stage.</summary>
internal sealed class UpdateWaiters
{
    private readonly ConcurrentDictionary<(string RunId, string UpdateId), List<Waiter>> waiting = new();

    /// <summary>Begins to wait. Called inside the turn that has seen the update's stage, so that nothing is missed.</summary>
    public Task<UpdateState> Wait(string runId, string updateId, UpdateStage stage)
    {
        var waiter = new Waiter(stage);
        var list = waiting.GetOrAdd((runId, updateId), _ => []);
        lock (list)
        {
            list.Add(waiter);
        }

        return waiter.Task;
    }

    public void Answer(string runId, UpdateState update, EngineException? abort)
    {
        if (!waiting.TryGetValue((runId, update.UpdateId), out var list))
        {
            return;
        }

        lock (list)
        {
            if (abort is not null)
            {
                list.ForEach(waiter => waiter.TrySetException(abort));
            }
            else
            {
                list.FindAll(waiter => waiter.Stage <= update.Stage).ForEach(waiter => waiter.TrySetResult(update));
            }

            list.RemoveAll(waiter => waiter.Task.IsCompleted);
        }

        if (abort is not null || update.Stage == UpdateStage.Completed)
        {
            waiting.TryRemove((runId, update.UpdateId), out _);
        }
    }

    private sealed class Waiter(UpdateStage stage) : TaskCompletionSource<UpdateState>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public UpdateStage Stage { get; } = stage;
    }
}
