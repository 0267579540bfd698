using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Placement;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;

namespace Dispatch.Server.Jobs;

/// <summary>Makes the view of a job from what Temporal lists: its status, its memo, its search attributes.</summary>
internal static class JobViews
{
    /// <summary>The view, as far as one listed execution tells.</summary>
    public static JobView Of(WorkflowExecution found)
    {
        var operations = JobHistory.Operations(found.Memo);
        var selected = operations.LastOrDefault(operation => operation.Kind == OperationKind.WorkerSelected);
        var closed = operations.LastOrDefault(operation => operation.Kind == OperationKind.ConversationClosed);
        var open = found.Status == WorkflowExecutionStatus.Running;
        return new()
        {
            Id = new(found.Id),
            Conversation = JobHistory.Conversation(operations, found.RunId),
            RunId = found.RunId,
            State = open ? OpenState(found, operations) : JobState.Closed,
            Pool = (operations is [var opened, ..] ? opened.Pool : null) ?? "default",
            Worker = selected?.Worker,
            Incarnation = selected?.Incarnation,
            Attempt = selected?.Attempt ?? 0,
            Name = Text(found, SearchAttributeKey.CreateText(JobNames.NameAttribute)),
            Owner = Text(found, SearchAttributeKey.CreateKeyword(JobNames.OwnerAttribute)),
            Labels = Labels(found),
            QueuedAt = found.StartTime,
            EndedAt = open ? null : found.CloseTime,
            Reason = Enum.TryParse<TerminationReason>(closed?.Reason, out var reason) ? reason : null,
            Error = closed?.Error is { } error ? ErrorCatalogue.Parse(error) : null,
            Message = closed?.Message,
            ExitCode = closed?.ExitCode,
            ClosedBy = open || closed is not null ? null : $"WorkflowExecution{found.Status}",
        };
    }

    /// <summary>The state that an activity of the worker is shown as.</summary>
    public static JobState? StateOf(LeaseActivity activity) => activity switch
    {
        LeaseActivity.Pulling => JobState.Pulling,
        LeaseActivity.Initializing => JobState.Initializing,
        LeaseActivity.Running => JobState.Running,
        LeaseActivity.Ready => JobState.Ready,
        LeaseActivity.Stopping => JobState.Stopping,
        _ => null,
    };

    /// <summary>Why the job is where it is, in one sentence.</summary>
    public static string Summary(JobView view, RecordedPlacement? recorded, WhyNow? now) =>
        view.RowsBroken is { } broken ? $"{Standing(view, recorded, now)} {broken}" : Standing(view, recorded, now);

    private static string Standing(JobView view, RecordedPlacement? recorded, WhyNow? now) => view.State switch
    {
        JobState.Closed when view.ClosedBy is { } by => $"Closed by Temporal itself ({by}).",
        JobState.Closed => $"Closed: {view.Reason}.{(view.Message is { } message ? $" {message}" : "")}",
        JobState.Paused => $"Paused: it waits for `unpause`.{(now is null ? "" : " " + now.Summary)}",
        JobState.Queued => (view.Attempt > 0 ? $"Attempt {view.Attempt} on worker {view.Worker} is over; the next one waits. " : "") + (now?.Summary ?? recorded?.Why ?? "Not placed yet."),
        _ => $"{view.State} on worker {view.Worker}:{view.Incarnation}, attempt {view.Attempt}.{(recorded?.Explanation?.Summary is { Length: > 0 } summary ? $" {summary}" : "")}",
    };

    /// <summary>By the attribute where there is one; what no attribute says, or one of an older run that does not go back between attempts, the operations say.</summary>
    private static JobState OpenState(WorkflowExecution found, IReadOnlyList<Operation> operations)
    {
        if (operations is [.., { Kind: OperationKind.WorkerExited or OperationKind.MessageReceived }])
            return JobState.Queued;
        return Enum.TryParse<JobState>(Text(found, SearchAttributeKey.CreateKeyword(JobNames.StateAttribute)), out var state) ? state
            : operations.Any(operation => operation.Kind == OperationKind.MessageSent) ? JobState.Sent
            : JobState.Queued;
    }

    private static string? Text(WorkflowExecution found, SearchAttributeKey<string> key) =>
        found.TypedSearchAttributes.TryGetValue(key, out var value) ? value : null;

    private static Dictionary<string, string> Labels(WorkflowExecution found) =>
        found.TypedSearchAttributes.TryGetValue(SearchAttributeKey.CreateKeywordList(JobNames.LabelsAttribute), out var pairs)
            ? pairs.Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1])
            : [];
}
