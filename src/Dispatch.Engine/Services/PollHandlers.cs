using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Matching;
using Dispatch.Engine.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Services;

/// <summary>Workers that ask for work.</summary>
internal sealed class PollHandlers(RunEngine engine)
{
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(60);

    public async Task<PollWorkflowTaskQueueResponse> PollWorkflowTaskQueue(PollWorkflowTaskQueueRequest request, CallContext context)
    {
        var isSticky = request.TaskQueue.Kind == TaskQueueKind.Sticky;
        var queue = engine.Queues.Get(new QueueKey(context.Namespace!.Id, request.TaskQueue.Name, IsActivity: false));
        var poller = new Poller(request.Identity, request.WorkerInstanceKey, isSticky);
        var until = engine.Clock.GetUtcNow() + Holds.Rest(context, HoldMax);
        while (await queue.TakeAsync(poller, until - engine.Clock.GetUtcNow(), context.CancellationToken).ConfigureAwait(false) is { } task)
        {
            if (task is QueuedTask.Query query)
            {
                if (query.Asked.TryTake())
                {
                    return query.Asked.Slot.Read(turn =>
                    {
                        var run = turn.Require(query.Asked.RunId);
                        return WorkerTasks.Query(run.State, run.History.Read(), query.Asked, query.IsSticky);
                    });
                }
            }
            else if (await StartAsync((QueuedTask.Workflow)task, request.Identity, isSticky).ConfigureAwait(false) is { } response)
            {
                return response;
            }
        }

        return new PollWorkflowTaskQueueResponse();
    }

    public async Task<PollActivityTaskQueueResponse> PollActivityTaskQueue(PollActivityTaskQueueRequest request, CallContext context)
    {
        var queue = engine.Queues.Get(new QueueKey(context.Namespace!.Id, request.TaskQueue.Name, IsActivity: true));
        var poller = new Poller(request.Identity, request.WorkerInstanceKey, IsSticky: false, request.TaskQueueMetadata?.MaxTasksPerSecond);
        var until = engine.Clock.GetUtcNow() + Holds.Rest(context, HoldMax);
        while (await queue.TakeAsync(poller, until - engine.Clock.GetUtcNow(), context.CancellationToken).ConfigureAwait(false) is { } task)
        {
            if (!await PacedAsync(queue, task, until, context.CancellationToken).ConfigureAwait(false))
            {
                break;
            }

            if (await StartAsync((QueuedTask.Activity)task, request.Identity).ConfigureAwait(false) is { } response)
            {
                return response;
            }
        }

        return new PollActivityTaskQueueResponse();
    }

    /// <summary>Waits until the task may be handed out, when workers want only so many in a second.</summary>
    /// <returns>False when the poll ends before that; the task waits on.</returns>
    private async ValueTask<bool> PacedAsync(MatchingQueue queue, QueuedTask task, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var rest = until - engine.Clock.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
        var wait = queue.Reserve(rest);
        if (wait == TimeSpan.Zero)
        {
            return true;
        }

        try
        {
            await Task.Delay(wait ?? rest, engine.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            queue.Offer(task);
            throw;
        }

        if (wait is null)
        {
            queue.Offer(task);
        }

        return wait is not null;
    }

    private static async ValueTask<PollWorkflowTaskQueueResponse?> StartAsync(QueuedTask.Workflow task, string identity, bool isSticky)
    {
        var decision = await task.Slot.ChangeAsync(turn =>
        {
            if (turn.Find(task.RunId) is not { } run)
            {
                return null;
            }

            var start = turn.Decide(run);
            return WorkflowTasks.Start(start, task.Serial, turn.Ids.NewId(), identity, isSticky) ? start : null;
        }).ConfigureAwait(false);
        return decision is null ? null : task.Slot.Read(turn =>
            WorkerTasks.Workflow(decision.State, turn.Require(task.RunId).History.Read(), isSticky));
    }

    private static async ValueTask<PollActivityTaskQueueResponse?> StartAsync(QueuedTask.Activity task, string identity)
    {
        return await task.Slot.ChangeAsync(turn =>
        {
            if (turn.Find(task.RunId) is not { } run)
            {
                return null;
            }

            var decision = turn.Decide(run);
            return Activities.Start(decision, task.ScheduledEventId, task.Stamp, turn.Ids.NewId(), identity) is { } activity
                ? WorkerTasks.Activity(decision.State, activity)
                : null;
        }).ConfigureAwait(false);
    }
}
