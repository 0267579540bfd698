using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Matching;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.Runs;

/// <summary>Does what transactions ask for, once they are durable. What concerns other runs happens on its own time.</summary>
internal sealed class EffectRunner(RunEngine engine)
{
    public void Do(WorkflowSlot slot, RunState state, Effect effect)
    {
        switch (effect)
        {
            case Effect.DispatchWorkflowTask dispatch:
                Dispatch(slot, state, dispatch);
                break;
            case Effect.DispatchActivity dispatch:
                engine.Queues.Get(new QueueKey(slot.Key.NamespaceId, dispatch.QueueName, IsActivity: true)).Offer(
                    new QueuedTask.Activity(slot, state.RunId, dispatch.ScheduledEventId, dispatch.Stamp, dispatch.PriorityKey));
                break;
            case Effect.RecordVisibility record:
                engine.Visibility.Record(VisibilityRows.Of(record.State));
                break;
            case Effect.AnswerUpdate answer:
                engine.Updates.Answer(state.RunId, answer.Update, Refusal(answer.Abort));
                break;
            case Effect.AnswerQuery answer:
                engine.Queries.Answer(answer.Query.QueryId, answer.Result);
                break;
            case Effect.StartChild start:
                engine.Detach(() => StartChildAsync(slot, state.RunId, start.Child));
                break;
            case Effect.CloseChild close:
                engine.Detach(() => CloseChildAsync(state, close.Child));
                break;
            case Effect.ReachExternal reach:
                engine.Detach(() => ReachAsync(slot, state.RunId, reach.External));
                break;
            case Effect.ReportToParent report:
                engine.Detach(() => ReportAsync(report));
                break;
            default:
                throw new InvalidOperationException($"Nobody does the effect {effect.GetType().Name}.");
        }
    }

    /// <summary>A sticky queue that nobody asks any more is passed over; the record of the task stays as it is.</summary>
    private void Dispatch(WorkflowSlot slot, RunState state, Effect.DispatchWorkflowTask dispatch)
    {
        var task = new QueuedTask.Workflow(slot, state.RunId, dispatch.Serial, dispatch.PriorityKey);
        if (dispatch.IsSticky)
        {
            var sticky = engine.Queues.Find(new QueueKey(slot.Key.NamespaceId, dispatch.QueueName, IsActivity: false));
            if (sticky?.HasPoller(MatchingQueue.PollerLookBack) == true)
            {
                sticky.Offer(task);
                return;
            }
        }

        engine.Queues.Get(new QueueKey(slot.Key.NamespaceId, dispatch.NormalQueueName, IsActivity: false)).Offer(task);
    }

    private static EngineException? Refusal(UpdateAbort? abort) => abort switch
    {
        null => null,
        UpdateAbort.WorkflowClosed => Refusals.AlreadyCompleted(),
        UpdateAbort.WorkflowContinued => Refusals.Busy(),
        _ => Refusals.NotReady("Unable to perform workflow execution update due to unexpected workflow task failure."),
    };

    private async Task StartChildAsync(WorkflowSlot parent, string parentRunId, ChildState child)
    {
        var state = parent.Read(turn => turn.Find(parentRunId)?.State);
        if (state is not { IsOpen: true })
        {
            return;
        }

        var slot = engine.Slot(new WorkflowKey(child.Initiated.NamespaceId, child.Initiated.Namespace, child.Initiated.WorkflowId));
        var runId = await slot.ChangeAsync(turn => ChildStarts.Start(turn, state, child)).ConfigureAwait(false);
        var isRecorded = await parent.ChangeAsync(turn =>
        {
            if (turn.Find(parentRunId) is not { State.IsOpen: true } run)
            {
                return false;
            }

            if (runId is null)
            {
                Children.RecordStartFailed(turn.Decide(run), child.InitiatedEventId);
            }
            else
            {
                Children.RecordStarted(turn.Decide(run), child.InitiatedEventId, runId);
            }

            return true;
        }).ConfigureAwait(false);
        if (runId is null)
        {
            return;
        }

        if (!isRecorded)
        {
            // The parent closed while its child started: its close policy holds for the child, too.
            await CloseChildAsync(state, child with { RunId = runId }).ConfigureAwait(false);
        }

        await slot.ChangeAsync(turn =>
        {
            if (turn.Find(runId) is { State: { IsOpen: true, AwaitsParent: true } } run)
            {
                var decision = turn.Decide(run);
                decision.State = decision.State with { AwaitsParent = false };
                WorkflowTasks.Schedule(decision);
            }

            return true;
        }).ConfigureAwait(false);
    }

    private async Task CloseChildAsync(RunState parent, ChildState child)
    {
        var key = new WorkflowKey(child.Initiated.NamespaceId, child.Initiated.Namespace, child.Initiated.WorkflowId);
        if (child.Initiated.ParentClosePolicy == ParentClosePolicy.Abandon || engine.FindSlot(key) is not { } slot)
        {
            return;
        }

        await slot.ChangeAsync(turn =>
        {
            if (turn.Current is not { State.IsOpen: true } run || run.State.Start.FirstExecutionRunId != child.RunId)
            {
                return false;
            }

            var decision = turn.Decide(run);
            if (child.Initiated.ParentClosePolicy == ParentClosePolicy.Terminate)
            {
                Closing.Terminate(decision, "by parent close policy", Closing.EngineIdentity);
            }
            else
            {
                External.RequestCancel(
                    decision,
                    new WorkflowExecutionCancelRequestedEventAttributes
                    {
                        ExternalWorkflowExecution = parent.Execution,
                        Identity = Closing.EngineIdentity,
                    },
                    []);
            }

            return true;
        }).ConfigureAwait(false);
    }

    private async Task ReachAsync(WorkflowSlot source, string runId, ExternalState external)
    {
        var state = source.Read(turn => turn.Find(runId)?.State);
        if (state is not { IsOpen: true })
        {
            return;
        }

        var wasReached = await ExternalReach.TryAsync(engine, state, external).ConfigureAwait(false);
        await source.ChangeAsync(turn =>
        {
            if (turn.Find(runId) is { } run)
            {
                External.RecordReached(turn.Decide(run), external, wasReached);
            }

            return true;
        }).ConfigureAwait(false);
    }

    private async Task ReportAsync(Effect.ReportToParent report)
    {
        if (engine.FindSlot(report.Parent.Key) is not { } slot)
        {
            return;
        }

        await slot.ChangeAsync(turn =>
        {
            if (turn.Find(report.Parent.RunId) is { } run)
            {
                Children.RecordClosed(turn.Decide(run), report.Parent.InitiatedEventId, report.Child);
            }

            return true;
        }).ConfigureAwait(false);
    }
}
