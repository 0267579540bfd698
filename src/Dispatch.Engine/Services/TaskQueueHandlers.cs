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
    /// <summary>Shown of a worker that doesn't limit itself.</summary>
    private const double RateDefault = 100_000;

    private static readonly TaskQueueType[] BothTypes = [TaskQueueType.Workflow, TaskQueueType.Activity];

    private readonly RecordWorkerHeartbeatResponse heard = new();

    public Task<DescribeTaskQueueResponse> DescribeTaskQueue(DescribeTaskQueueRequest request, CallContext context)
    {
        MatchingQueue? Find(TaskQueueType type) =>
            engine.Queues.Find(new QueueKey(context.Namespace!.Id, request.TaskQueue.Name, type == TaskQueueType.Activity));
        var response = new DescribeTaskQueueResponse();
        if (request.ApiMode == DescribeTaskQueueMode.Enhanced)
        {
            response.VersionsInfo[""] = Enhanced(request, Find);
            return Task.FromResult(response);
        }

        var queue = Find(request.TaskQueueType);
        response.Pollers.AddRange(Pollers(queue));
        response.Stats = request.ReportStats ? Stats(queue) : null;
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

    /// <summary>Both kinds of queue of one name in one answer; no worker is versioned here.</summary>
    private static TaskQueueVersionInfo Enhanced(DescribeTaskQueueRequest request, Func<TaskQueueType, MatchingQueue?> find)
    {
        var info = new TaskQueueVersionInfo
        {
            TaskReachability = request.ReportTaskReachability ? BuildIdTaskReachability.Reachable : BuildIdTaskReachability.Unspecified,
        };
        foreach (var type in request.TaskQueueTypes.Count > 0 ? [.. request.TaskQueueTypes] : BothTypes)
        {
            var queue = find(type);
            var described = new TaskQueueTypeInfo { Stats = request.ReportStats ? Stats(queue) : null };
            described.Pollers.AddRange(request.ReportPollers ? Pollers(queue) : []);
            info.TypesInfo[(int)type] = described;
        }

        return info;
    }

    private static IEnumerable<PollerInfo> Pollers(MatchingQueue? queue) => (queue?.Pollers() ?? []).Select(poller => new PollerInfo
    {
        Identity = poller.Identity,
        LastAccessTime = poller.LastAccess.ToProto(),
        RatePerSecond = poller.TasksPerSecond ?? RateDefault,
    });

    private static TaskQueueStats Stats(MatchingQueue? queue) => new()
    {
        ApproximateBacklogCount = queue?.BacklogCount ?? 0,
        ApproximateBacklogAge = (queue?.BacklogAge ?? TimeSpan.Zero).ToProto(),
    };
}
