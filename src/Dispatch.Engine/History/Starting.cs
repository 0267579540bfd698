using System.Collections.Immutable;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;

namespace Dispatch.Engine.History;

/// <summary>Everything that a new run begins with.</summary>
internal sealed record RunStart
{
    public required WorkflowKey Key { get; init; }

    public required string RunId { get; init; }

    /// <summary>The Started event's attributes, normalised, but for those that follow from the rest.</summary>
    public required WorkflowExecutionStartedEventAttributes Attributes { get; init; }

    public required string RequestId { get; init; }

    public UserMetadata? UserMetadata { get; init; }

    public IReadOnlyList<Link> Links { get; init; } = [];

    /// <summary>How long the first workflow task waits.</summary>
    public TimeSpan Backoff { get; init; }

    /// <summary>The end of the whole chain; null when it is counted from now, or there is none.</summary>
    public DateTimeOffset? ExecutionExpiration { get; init; }

    public ParentLink? Parent { get; init; }

    public ImmutableList<ResetPointInfo> ResetPoints { get; init; } = [];
}

/// <summary>The beginning of a run.</summary>
internal static class Starting
{
    /// <summary>Begins a run: its Started event, and its first workflow task unless that has to wait.</summary>
    public static Decision Begin(RunStart start, DateTimeOffset now, IIdSource ids, TimeSpan retention)
    {
        var attributes = start.Attributes;
        attributes.WorkflowId = start.Key.WorkflowId;
        attributes.OriginalExecutionRunId = start.RunId;
        if (attributes.FirstExecutionRunId.Length == 0)
        {
            attributes.FirstExecutionRunId = start.RunId;
        }

        if (attributes.Attempt == 0)
        {
            attributes.Attempt = 1;
        }

        var executionTime = now.After(start.Backoff);
        var executionEnd = start.ExecutionExpiration
            ?? (attributes.WorkflowExecutionTimeout.OrNone() is { } execution ? executionTime.After(execution) : null);
        attributes.WorkflowExecutionExpirationTime = executionEnd.ToProto();
        var runEnd = attributes.WorkflowRunTimeout.OrNone() is { } run ? executionTime.After(run) : executionEnd;
        if (runEnd is { } late && executionEnd is { } last && late > last)
        {
            runEnd = last;
        }

        var state = new RunState
        {
            Key = start.Key,
            RunId = start.RunId,
            Start = attributes,
            StartTime = now,
            ExecutionTime = executionTime,
            OriginalStartTime = now,
            StartRequestId = start.RequestId,
            UserMetadata = start.UserMetadata,
            ExecutionExpiration = executionEnd,
            RunExpiration = runEnd,
            FirstTaskDue = start.Backoff > TimeSpan.Zero ? executionTime : null,
            AwaitsParent = start.Parent is not null && attributes.ContinuedExecutionRunId.Length == 0,
            Parent = start.Parent,
            Memo = attributes.Memo?.Fields.ToImmutableDictionary() ?? ImmutableDictionary<string, Payload>.Empty,
            SearchAttributes = attributes.SearchAttributes?.IndexedFields.ToImmutableDictionary() ?? ImmutableDictionary<string, Payload>.Empty,
            ResetPoints = start.ResetPoints,
        };
        var decision = new Decision(state, now, ids, isNew: true) { Retention = retention };
        var started = new HistoryEvent { WorkflowExecutionStartedEventAttributes = attributes, UserMetadata = start.UserMetadata };
        started.Links.AddRange(start.Links);
        decision.Add(started);
        decision.State = decision.State with
        {
            RequestIds = decision.State.RequestIds.Add(start.RequestId, new RequestIdState(started.EventType, started.EventId)),
        };
        return decision;
    }

    /// <summary>The first workflow task, and the run's row in lists. Called once what belongs before that task is written.</summary>
    public static void Launch(Decision decision)
    {
        WorkflowTasks.Schedule(decision);
        decision.Do(new Effect.RecordVisibility(decision.State));
    }

    /// <summary>Caps the time-outs by each other as the real server does.</summary>
    public static TimeSpan TaskTimeout(TimeSpan? given, TimeSpan? runTimeout)
    {
        var timeout = Durations.Min(given ?? HistoryLimits.TaskTimeoutDefault, HistoryLimits.TaskTimeoutMax);
        return runTimeout is { } run ? Durations.Min(timeout, run) : timeout;
    }

    public static TaskQueue Queue(string name) =>
        new() { Name = name, Kind = Temporalio.Api.Enums.V1.TaskQueueKind.Normal };
}
