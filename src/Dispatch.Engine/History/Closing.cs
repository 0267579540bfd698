using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>The end of a run, and what has to be done about its children, its parent, its updates and its queries.</summary>
internal static class Closing
{
    /// <summary>The identity of what the engine does by itself.</summary>
    public const string EngineIdentity = "history-service";

    /// <summary>Writes the closing event and closes the run. Buffered events are dropped: flush them first where they are to stay.</summary>
    public static void Close(Decision decision, HistoryEvent closing, WorkflowExecutionStatus status, string successorRunId = "")
    {
        var state = decision.State;
        decision.State = state with { Buffered = [], Task = state.Task is { IsStarted: false, IsWritten: true } task ? task : null };
        var written = decision.Add(closing);
        decision.State = decision.State with
        {
            Status = status,
            CloseTime = decision.Now,
            CloseEvent = written,
            SuccessorRunId = successorRunId,
            FirstTaskDue = null,
        };
        Updates.Close(decision);
        Queries.Release(decision);
        foreach (var child in state.Children.Values.OrderBy(child => child.InitiatedEventId))
        {
            if (child.RunId.Length > 0 && child.Initiated.ParentClosePolicy != ParentClosePolicy.Abandon)
            {
                decision.Do(new Effect.CloseChild(child));
            }
        }

        if (state.Parent is { } parent && successorRunId.Length == 0)
        {
            decision.Do(new Effect.ReportToParent(parent, decision.State));
        }

        decision.Do(new Effect.RecordVisibility(decision.State));
    }

    /// <summary>Ends a started workflow task before the run is closed from outside, and writes what was buffered.</summary>
    public static void ForceOut(Decision decision)
    {
        var task = decision.State.Task;
        if (task is { IsStarted: true })
        {
            WorkflowTasks.Materialise(decision);
            task = decision.State.Task!;
            decision.Add(new HistoryEvent
            {
                WorkflowTaskFailedEventAttributes = new WorkflowTaskFailedEventAttributes
                {
                    ScheduledEventId = task.ScheduledEventId,
                    StartedEventId = task.StartedEventId,
                    Cause = WorkflowTaskFailedCause.ForceCloseCommand,
                    Identity = EngineIdentity,
                },
            });
            decision.State = decision.State with { Task = null };
        }

        decision.Flush();
    }

    public static void Terminate(Decision decision, string reason, string identity, Payloads? details = null, IEnumerable<Link>? links = null)
    {
        Refusals.RequireOpen(decision.State);
        ForceOut(decision);
        var closing = new HistoryEvent
        {
            WorkflowExecutionTerminatedEventAttributes = new WorkflowExecutionTerminatedEventAttributes
            {
                Reason = reason,
                Details = details,
                Identity = identity,
            },
        };
        closing.Links.AddRange(links ?? []);
        Close(decision, closing, WorkflowExecutionStatus.Terminated);
    }

    /// <summary>The run's or the whole execution's time is over.</summary>
    public static void TimeOut(Decision decision)
    {
        var state = decision.State;
        ForceOut(decision);
        var isExecution = state.ExecutionExpiration is { } expiration && decision.Now >= expiration;
        var successor = default(Successor);
        var retryState = RetryState.Timeout;
        if (!isExecution)
        {
            (retryState, successor) = Chaining.AfterTimeout(decision);
        }

        Close(
            decision,
            new HistoryEvent
            {
                WorkflowExecutionTimedOutEventAttributes = new WorkflowExecutionTimedOutEventAttributes
                {
                    RetryState = retryState,
                    NewExecutionRunId = successor?.RunId ?? "",
                },
            },
            WorkflowExecutionStatus.TimedOut,
            successor?.RunId ?? "");
        Chaining.Begin(decision, successor);
    }
}
