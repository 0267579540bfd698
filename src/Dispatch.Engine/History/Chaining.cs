using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;

namespace Dispatch.Engine.History;

/// <summary>The run that will continue a closing one.</summary>
internal sealed record Successor(string RunId, WorkflowExecutionStartedEventAttributes Attributes, TimeSpan Backoff);

/// <summary>Runs that follow each other: continue-as-new, retry of a run, cron.</summary>
internal static class Chaining
{
    private static readonly Failure TimedOut = new()
    {
        Message = "workflow timeout",
        Source = "Server",
        TimeoutFailureInfo = new TimeoutFailureInfo { TimeoutType = TimeoutType.StartToClose },
    };

    public static (RetryState State, Successor? Successor) AfterTimeout(Decision decision) => AfterFailure(decision, TimedOut);

    /// <summary>A failed run is retried when its policy says so, else its cron schedule goes on. The next run is told of the failure.</summary>
    public static (RetryState State, Successor? Successor) AfterFailure(Decision decision, Failure failure)
    {
        var start = decision.State.Start;
        var (state, delay) = start.RetryPolicy is null
            ? (RetryState.RetryPolicyNotSet, default)
            : RetryPolicies.Next(start.RetryPolicy, start.Attempt, failure, decision.Now, decision.State.ExecutionExpiration, capsOwnDelay: true);
        if (state == RetryState.InProgress)
        {
            var retry = Inherit(decision.State, ContinueAsNewInitiator.Retry);
            retry.Attempt = start.Attempt + 1;
            retry.ContinuedFailure = failure;
            retry.LastCompletionResult = start.LastCompletionResult;
            return (state, Make(decision, retry, NotTooSoon(decision, delay)));
        }

        return (state, NextCron(decision, start.LastCompletionResult, failure));
    }

    /// <summary>A completed run with a cron schedule begins again at its next time.</summary>
    public static Successor? AfterCompletion(Decision decision, Payloads? result) => NextCron(decision, result, null);

    public static Successor ContinueAsNew(
        Decision decision, ContinueAsNewWorkflowExecutionCommandAttributes command, TaskQueue queue, SearchAttributes? searchAttributes)
    {
        var state = decision.State;
        var attributes = new WorkflowExecutionStartedEventAttributes
        {
            WorkflowType = command.WorkflowType?.Name is { Length: > 0 } ? command.WorkflowType : state.Start.WorkflowType,
            TaskQueue = queue,
            Input = command.Input,
            WorkflowExecutionTimeout = state.Start.WorkflowExecutionTimeout,
            WorkflowRunTimeout = (command.WorkflowRunTimeout.OrNone() ?? state.RunTimeout).ToProto(),
            WorkflowTaskTimeout = (command.WorkflowTaskTimeout.OrNone() ?? state.TaskTimeout).ToProto(),
            Initiator = command.Initiator == ContinueAsNewInitiator.Unspecified ? ContinueAsNewInitiator.Workflow : command.Initiator,
            ContinuedFailure = command.Failure,
            LastCompletionResult = command.LastCompletionResult,
            RetryPolicy = command.RetryPolicy is null ? null : RetryPolicies.Filled(command.RetryPolicy),
            CronSchedule = command.CronSchedule,
            Memo = command.Memo,
            SearchAttributes = searchAttributes,
            Header = command.Header,
        };
        Link(state, attributes);
        var backoff = command.BackoffStartInterval.OrNone() ?? NotTooSoon(decision, TimeSpan.Zero);
        return Make(decision, attributes, backoff);
    }

    /// <summary>A run that ended within a second is followed only when that second is over.</summary>
    private static TimeSpan NotTooSoon(Decision decision, TimeSpan delay)
    {
        var rest = HistoryLimits.ContinueAsNewInterval - (decision.Now - decision.State.ExecutionTime);
        return delay > rest ? delay : rest;
    }

    /// <summary>Begins the successor in the same transaction as its predecessor's close.</summary>
    public static void Begin(Decision decision, Successor? successor)
    {
        if (successor is null)
        {
            return;
        }

        var state = decision.State;
        var next = Starting.Begin(
            new RunStart
            {
                Key = state.Key,
                RunId = successor.RunId,
                Attributes = successor.Attributes,
                RequestId = decision.Ids.NewId(),
                Backoff = successor.Backoff,
                ExecutionExpiration = state.ExecutionExpiration,
                Parent = state.Parent,
                ResetPoints = state.ResetPoints,
            },
            decision.Now,
            decision.Ids,
            decision.Retention);
        if (next.State.SearchAttributes.IsEmpty && state.Start.CronSchedule.Length > 0)
        {
            next.State = next.State with { SearchAttributes = state.SearchAttributes };
        }

        Starting.Launch(next);
        decision.Successor = next;
    }

    /// <summary>From the close on, reset points of a continued run are kept only so long.</summary>
    public static ImmutableList<ResetPointInfo> Expiring(ImmutableList<ResetPointInfo> points, Timestamp expiry) =>
        points.ConvertAll(point =>
        {
            if (point.ExpireTime is not null)
            {
                return point;
            }

            var expiring = point.Clone();
            expiring.ExpireTime = expiry;
            return expiring;
        });

    private static Successor? NextCron(Decision decision, Payloads? result, Failure? failure)
    {
        var start = decision.State.Start;
        if (start.CronSchedule.Length == 0
            || CronSchedule.TryParse(start.CronSchedule)?.Next(decision.State.ExecutionTime, decision.Now) is not { } due)
        {
            return null;
        }

        var cron = Inherit(decision.State, ContinueAsNewInitiator.CronSchedule);
        cron.Attempt = 1;
        cron.LastCompletionResult = result;
        cron.ContinuedFailure = failure;
        return Make(decision, cron, due - decision.Now);
    }

    /// <summary>The same start again, for retry and cron.</summary>
    private static WorkflowExecutionStartedEventAttributes Inherit(RunState state, ContinueAsNewInitiator initiator)
    {
        var start = state.Start;
        var attributes = new WorkflowExecutionStartedEventAttributes
        {
            WorkflowType = start.WorkflowType,
            TaskQueue = start.TaskQueue,
            Input = start.Input,
            WorkflowExecutionTimeout = start.WorkflowExecutionTimeout,
            WorkflowRunTimeout = start.WorkflowRunTimeout,
            WorkflowTaskTimeout = start.WorkflowTaskTimeout,
            Initiator = initiator,
            RetryPolicy = start.RetryPolicy,
            CronSchedule = start.CronSchedule,
            Memo = start.Memo,
            SearchAttributes = start.SearchAttributes,
            Header = start.Header,
        };
        Link(state, attributes);
        return attributes;
    }

    private static void Link(RunState state, WorkflowExecutionStartedEventAttributes attributes)
    {
        var start = state.Start;
        attributes.ContinuedExecutionRunId = state.RunId;
        attributes.FirstExecutionRunId = start.FirstExecutionRunId;
        attributes.ParentWorkflowNamespace = start.ParentWorkflowNamespace;
        attributes.ParentWorkflowNamespaceId = start.ParentWorkflowNamespaceId;
        attributes.ParentWorkflowExecution = start.ParentWorkflowExecution;
        attributes.ParentInitiatedEventId = start.ParentInitiatedEventId;
        attributes.RootWorkflowExecution = start.RootWorkflowExecution;
        attributes.Priority = start.Priority;
    }

    private static Successor Make(Decision decision, WorkflowExecutionStartedEventAttributes attributes, TimeSpan backoff)
    {
        if (backoff > TimeSpan.Zero)
        {
            attributes.FirstWorkflowTaskBackoff = backoff.ToProto();
        }

        decision.State = decision.State with
        {
            ResetPoints = Expiring(decision.State.ResetPoints, decision.Now.After(decision.Retention).ToProto()),
        };
        if (!decision.State.ResetPoints.IsEmpty)
        {
            attributes.PrevAutoResetPoints = new ResetPoints { Points = { decision.State.ResetPoints } };
        }

        return new Successor(decision.Ids.NewId(), attributes, backoff);
    }
}
