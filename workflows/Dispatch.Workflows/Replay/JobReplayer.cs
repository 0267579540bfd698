using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Operations;
using Dispatch.Workflows.Hosting;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Worker;

namespace Dispatch.Workflows.Replay;

/// <summary>Replays histories of jobs against this build: the same commands (their order by the SDK, their contents by ours), and the same operations byte for byte, but for the time where <see cref="LinkedTasks"/> allow another.</summary>
public static class JobReplayer
{
    private const string Order = "order of commands";
    private const string Entry = "operation";

    /// <summary>Replays one history.</summary>
    /// <param name="history">The history, as <see cref="HistoryFile"/> reads it; payloads decoded.</param>
    /// <param name="cancellationToken">Ends the replay.</param>
    /// <returns>What is different.</returns>
    public static async Task<ReplayOutcome> ReplayAsync(WorkflowHistory history, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        HistoryEvent[] events = [.. history.Events];
        var folded = HistoryOperations.Fold(events);
        List<ReplayDifference> differences = [.. folded.Problems.Select(problem => new ReplayDifference("history", "its memo", problem, null))];
        var type = events[0].WorkflowExecutionStartedEventAttributes?.WorkflowType?.Name;
        var watch = new ReplayWatch();
        if (type == JobNames.Workflow) differences.AddRange(await RunAsync(history, events, folded, watch, cancellationToken).ConfigureAwait(false));
        else differences.Add(new("history", "event 1", $"workflow type {type ?? "none"}", $"workflow type {JobNames.Workflow}"));
        return new() { WorkflowId = history.Id, Events = events.Length, Operations = folded.List, Differences = differences, Paths = watch.Paths };
    }

    private static async Task<List<ReplayDifference>> RunAsync(
        WorkflowHistory history, HistoryEvent[] events, FoldedOperations folded, ReplayWatch watch, CancellationToken cancellationToken)
    {
        var options = new WorkflowReplayerOptions
        {
            DataConverter = DispatchData.Converter,
            Runtime = SdkRuntime.Silent,
            Interceptors = [watch],
            TaskQueue = events[0].WorkflowExecutionStartedEventAttributes.TaskQueue?.Name ?? JobNames.TaskQueue,
        };
        options.AddWorkflow(JobHost.Definition(searchAttributes: true));
        var result = await new WorkflowReplayer(options).ReplayWorkflowAsync(history, throwOnReplayFailure: false, cancellationToken).ConfigureAwait(false);
        List<ReplayDifference> differences = [];
        if (result.ReplayFailure is { } failure) differences.Add(new(Order, "the replay", "what its events say", failure.Message));
        differences.AddRange(Compare(events, folded, watch.Job?.Recorded ?? []));

        // Where the order of commands differs, their contents do for that reason.
        if (result.ReplayFailure is null) differences.AddRange(ReplayComparison.Compare(events, watch));
        return differences;
    }

    private static IEnumerable<ReplayDifference> Compare(HistoryEvent[] events, FoldedOperations folded, IReadOnlyList<Operation> replayed)
    {
        var ids = HistoryOperations.EventIds(events);
        var recorded = folded.Operations;
        for (var index = 0; index < Math.Max(recorded.Count, replayed.Count); index++)
        {
            var key = OperationKeys.Of(index + 1);
            var old = index < recorded.Count ? Text(recorded[index].Json.Span) : null;
            var now = index < replayed.Count ? Text(OperationJson.Write(replayed[index])) : null;
            if (old == now || (old is null && ReplayComparison.TaskIsOpen(events))) continue;
            var known = ids.TryGetValue(key, out var id);
            if (old is not null && now is not null && known && recorded[index].Operation.Time is var time && IsOfLinkedTasks(events, id, time)
                && Text(OperationJson.Write(replayed[index] with { Time = time })) == old) continue;
            yield return new(Entry, known ? $"{key} (event {id})" : key, old, now);
        }
    }

    private static bool IsOfLinkedTasks(IReadOnlyList<HistoryEvent> events, long id, DateTimeOffset time) =>
        LinkedTasks.SpanOf(events, id) is { } span && time >= span.From && time <= span.To;

    private static string Text(ReadOnlySpan<byte> json) => Encoding.UTF8.GetString(json);
}
