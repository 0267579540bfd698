using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Matching;
using Dispatch.Engine.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Queues as operators see them, and workers that stop.</summary>
internal sealed class TaskQueueHandlers(RunEngine engine)
{
    private readonly RecordWorkerHeartbeatResponse heard = new();

    public Task<DescribeTaskQueueResponse> DescribeTaskQueue(DescribeTaskQueueRequest request, CallContext context)
    {
        var isActivity = request.TaskQueueType == TaskQueueType.Activity;
        var queue = engine.Queues.Find(new QueueKey(context.Namespace!.Id, request.TaskQueue.Name, isActivity));
        var response = new DescribeTaskQueueResponse();
        foreach (var poller in queue?.Pollers() ?? [])
        {
            response.Pollers.Add(new PollerInfo { Identity = poller.Identity, LastAccessTime = poller.LastAccess.ToProto(), RatePerSecond = 100_000 });
        }

        if (request.ReportStats)
        {
            response.Stats = new TaskQueueStats { ApproximateBacklogCount = queue?.BacklogCount ?? 0 };
        }

        return Task.FromResult(response);
    }

    public Task<ShutdownWorkerResponse> ShutdownWorker(ShutdownWorkerRequest request, CallContext context)
    {
        if (request.StickyTaskQueue.Length > 0)
        {
            var sticky = engine.Queues.Get(new QueueKey(context.Namespace!.Id, request.StickyTaskQueue, IsActivity: false));
            foreach (var task in sticky.Refuse().OfType<QueuedTask.Workflow>())
            {
                var queue = task.Slot.Read(turn => turn.Find(task.RunId)?.State.QueueName);
                if (queue is not null)
                {
                    engine.Queues.Get(new QueueKey(context.Namespace!.Id, queue, IsActivity: false)).Offer(task.Again());
                }
            }
        }

        if (request.WorkerInstanceKey.Length > 0)
        {
            engine.Queues.Release(context.Namespace!.Id, request.WorkerInstanceKey);
        }

        return Task.FromResult(new ShutdownWorkerResponse());
    }

    /// <summary>The engine lists no workers, so there is nothing to keep; a worker that heartbeats all the same isn't refused.</summary>
    public Task<RecordWorkerHeartbeatResponse> RecordWorkerHeartbeat(RecordWorkerHeartbeatRequest request, CallContext context) =>
        Task.FromResult(heard);
}
