using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;

namespace Dispatch.Engine.History;

/// <summary>Updates of one run: admitted, sent with a workflow task, accepted, completed or rejected.</summary>
internal static class Updates
{
    /// <summary>Takes an update in, or finds the one that has its id.</summary>
    /// <exception cref="Frontend.EngineException">The run is closed, failing, busy or has too many updates.</exception>
    public static UpdateState Admit(Decision decision, Request request)
    {
        decision.IsVolatile = true;
        var state = decision.State;
        if (state.Updates.TryGetValue(request.Meta.UpdateId, out var known))
        {
            return known;
        }

        Refusals.RequireOpen(state);
        Refusals.RequireNotClosing(state);
        if (state.Task is { Attempt: >= HistoryLimits.FailingTaskAttempts })
        {
            throw Refusals.NotReady("Unable to perform workflow execution update due to Workflow Task in failed state.");
        }

        var inFlight = state.Updates.Values.Where(update => update.Stage != UpdateStage.Completed).ToList();
        if (inFlight.Count >= HistoryLimits.UpdatesInFlightMax)
        {
            throw Refusals.Exhausted(
                ResourceExhaustedCause.ConcurrentLimit,
                $"limit on number of concurrent in-flight updates has been reached ({HistoryLimits.UpdatesInFlightMax})");
        }

        if (inFlight.Sum(update => update.Request.CalculateSize()) + request.CalculateSize() > HistoryLimits.UpdatesInFlightBytesMax)
        {
            throw Refusals.Exhausted(
                ResourceExhaustedCause.ConcurrentLimit,
                $"limit on total size of in-flight updates has been reached ({HistoryLimits.UpdatesInFlightBytesMax})");
        }

        if (state.Updates.Count >= HistoryLimits.UpdatesMax)
        {
            throw Refusals.FailedPrecondition($"limit on number of total updates has been reached ({HistoryLimits.UpdatesMax})");
        }

        var update = new UpdateState(request.Meta.UpdateId, request) { Sequence = state.LastUpdateSequence + 1 };
        Put(decision, update);
        decision.State = decision.State with { LastUpdateSequence = update.Sequence };
        if (state.Task is null && !state.IsInBackoff)
        {
            WorkflowTasks.ScheduleSpeculative(decision);
        }

        return update;
    }

    /// <summary>Updates that no pending workflow task has taken along, in order of arrival.</summary>
    public static IEnumerable<UpdateState> Unsent(RunState state) =>
        state.Updates.IsEmpty
            ? []
            : state.Updates.Values.Where(update => update.Stage == UpdateStage.Admitted).OrderBy(update => update.Sequence);

    public static void MarkSent(Decision decision, IEnumerable<string> updateIds)
    {
        foreach (var updateId in updateIds)
        {
            Put(decision, decision.State.Updates[updateId] with { Stage = UpdateStage.Sent });
        }
    }

    /// <summary>The task that took them along was lost: they go with the next one.</summary>
    public static void ReturnSent(Decision decision)
    {
        foreach (var update in Sent(decision.State))
        {
            Put(decision, update with { Stage = UpdateStage.Admitted });
        }
    }

    /// <summary>The requests that go to the worker with the started task.</summary>
    public static IEnumerable<Message> RequestMessages(RunState state, WorkflowTask task)
    {
        foreach (var updateId in task.SentUpdates)
        {
            yield return new Message
            {
                Id = RequestMessageId(updateId),
                ProtocolInstanceId = updateId,
                EventId = task.StartedEventId - 1,
                Body = Any.Pack(state.Updates[updateId].Request),
            };
        }
    }

    /// <summary>Does what the worker says about an update.</summary>
    public static void Answer(Decision decision, Message message)
    {
        if (message.Body is null)
        {
            throw Bad("message body is not set");
        }

        if (message.Body.TryUnpack<Acceptance>(out var acceptance))
        {
            Accept(decision, message.ProtocolInstanceId, acceptance);
        }
        else if (message.Body.TryUnpack<Response>(out var response))
        {
            Complete(decision, message.ProtocolInstanceId, response);
        }
        else if (message.Body.TryUnpack<Rejection>(out var rejection))
        {
            Reject(decision, message.ProtocolInstanceId, rejection.Failure);
        }
        else
        {
            throw Bad($"unknown message type {message.Body.TypeUrl}");
        }
    }

    /// <summary>The worker ended its task without a word about these.</summary>
    public static void RejectUnmentioned(Decision decision)
    {
        foreach (var update in Sent(decision.State))
        {
            End(decision, update, ServerFailure(
                "UnprocessedUpdate",
                "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker."));
        }
    }

    /// <summary>The worker broke the protocol: whoever waits for an update of the failed task is told so.</summary>
    public static void AbortSent(Decision decision)
    {
        foreach (var update in Sent(decision.State))
        {
            Forget(decision, update, UpdateAbort.TaskFailed);
        }
    }

    /// <summary>The run has closed: what wasn't accepted is forgotten, what was fails.</summary>
    public static void Close(Decision decision)
    {
        var abort = decision.State.SuccessorRunId.Length > 0 ? UpdateAbort.WorkflowContinued : UpdateAbort.WorkflowClosed;
        foreach (var update in decision.State.Updates.Values.OrderBy(update => update.Sequence))
        {
            if (update.Stage == UpdateStage.Accepted)
            {
                var failed = update with
                {
                    Stage = UpdateStage.Completed,
                    Outcome = new Outcome
                    {
                        Failure = ServerFailure(
                            "AcceptedUpdateCompletedWorkflow",
                            "Workflow Update failed because the Workflow completed before the Update completed."),
                    },
                };
                Put(decision, failed);
                decision.Do(new Effect.AnswerUpdate(failed, null));
            }
            else if (update.Stage != UpdateStage.Completed)
            {
                Forget(decision, update, abort);
            }
        }
    }

    public static string RequestMessageId(string updateId) => updateId + "/request";

    private static void Accept(Decision decision, string updateId, Acceptance acceptance)
    {
        var update = decision.State.Updates.GetValueOrDefault(updateId);
        if (update is null)
        {
            if (acceptance.AcceptedRequest is null)
            {
                throw Bad($"update {updateId} not found");
            }

            update = new UpdateState(updateId, acceptance.AcceptedRequest)
            {
                Stage = UpdateStage.Sent,
                Sequence = decision.State.LastUpdateSequence + 1,
            };
            decision.State = decision.State with { LastUpdateSequence = update.Sequence };
        }

        if (update.Stage != UpdateStage.Sent)
        {
            throw BadTransition(update, "Acceptance");
        }

        var written = decision.Add(new HistoryEvent
        {
            WorkflowExecutionUpdateAcceptedEventAttributes = new WorkflowExecutionUpdateAcceptedEventAttributes
            {
                ProtocolInstanceId = updateId,
                AcceptedRequestMessageId = acceptance.AcceptedRequestMessageId,
                AcceptedRequestSequencingEventId = acceptance.AcceptedRequestSequencingEventId,
                AcceptedRequest = update.Request,
            },
        });
        update = update with { Stage = UpdateStage.Accepted, AcceptedEventId = written.EventId };
        Put(decision, update);
        decision.Do(new Effect.AnswerUpdate(update, null));
    }

    private static void Complete(Decision decision, string updateId, Response response)
    {
        var update = decision.State.Updates.GetValueOrDefault(updateId) ?? throw Bad($"update {updateId} not found");
        if (update.Stage != UpdateStage.Accepted)
        {
            throw BadTransition(update, "Response");
        }

        var written = decision.Add(new HistoryEvent
        {
            WorkflowExecutionUpdateCompletedEventAttributes = new WorkflowExecutionUpdateCompletedEventAttributes
            {
                Meta = response.Meta,
                AcceptedEventId = update.AcceptedEventId,
                Outcome = response.Outcome,
            },
        });
        update = update with { Stage = UpdateStage.Completed, Outcome = response.Outcome, CompletedEventId = written.EventId };
        Put(decision, update);
        decision.Do(new Effect.AnswerUpdate(update, null));
    }

    private static void Reject(Decision decision, string updateId, Failure failure)
    {
        var update = decision.State.Updates.GetValueOrDefault(updateId) ?? throw Bad($"update {updateId} not found");
        if (update.Stage != UpdateStage.Sent)
        {
            throw BadTransition(update, "Rejection");
        }

        End(decision, update, failure);
    }

    /// <summary>Ends an update that was never accepted; nothing of it stays.</summary>
    private static void End(Decision decision, UpdateState update, Failure failure)
    {
        decision.State = decision.State with { Updates = decision.State.Updates.Remove(update.UpdateId) };
        var ended = update with { Stage = UpdateStage.Completed, Outcome = new Outcome { Failure = failure } };
        decision.Do(new Effect.AnswerUpdate(ended, null));
    }

    private static void Forget(Decision decision, UpdateState update, UpdateAbort abort)
    {
        decision.State = decision.State with { Updates = decision.State.Updates.Remove(update.UpdateId) };
        decision.Do(new Effect.AnswerUpdate(update, abort));
    }

    private static List<UpdateState> Sent(RunState state) =>
        state.Updates.IsEmpty
            ? []
            : state.Updates.Values.Where(update => update.Stage == UpdateStage.Sent).OrderBy(update => update.Sequence).ToList();

    private static void Put(Decision decision, UpdateState update) =>
        decision.State = decision.State with { Updates = decision.State.Updates.SetItem(update.UpdateId, update) };

    private static Failure ServerFailure(string type, string message) => new()
    {
        Message = message,
        Source = "Server",
        ApplicationFailureInfo = new ApplicationFailureInfo { Type = type, NonRetryable = true },
    };

    private static BadCommandException BadTransition(UpdateState update, string message) =>
        Bad($"invalid state transition attempted for Update {update.UpdateId}: received *update.{message} message while in state {update.Stage}");

    private static BadCommandException Bad(string detail) =>
        new(WorkflowTaskFailedCause.BadUpdateWorkflowExecutionMessage, detail);
}
