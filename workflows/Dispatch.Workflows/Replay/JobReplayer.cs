using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Operations;
using Dispatch.Workflows.Hosting;
using Dispatch.Workflows.Jobs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Worker;
using Temporalio.Worker.Interceptors;

namespace Dispatch.Workflows.Replay;

/// <summary>Replays histories of jobs against this build: the same commands (by the SDK), and the same operations byte for byte.</summary>
public static class JobReplayer
{
    private const string Commands = "commands";
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
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        if (type == JobNames.Workflow) differences.AddRange(await RunAsync(history, events, folded, paths, cancellationToken).ConfigureAwait(false));
        else differences.Add(new("history", "event 1", $"workflow type {type ?? "none"}", $"workflow type {JobNames.Workflow}"));
        return new() { WorkflowId = history.Id, Events = events.Length, Operations = folded.List, Differences = differences, Paths = [.. paths] };
    }

    private static async Task<List<ReplayDifference>> RunAsync(
        WorkflowHistory history, HistoryEvent[] events, FoldedOperations folded, SortedSet<string> paths, CancellationToken cancellationToken)
    {
        var instances = new InstanceInterceptor(path => paths.Add(path));
        var options = new WorkflowReplayerOptions
        {
            DataConverter = DispatchData.Converter,
            Runtime = SdkRuntime.Silent,
            Interceptors = [instances],
            TaskQueue = events[0].WorkflowExecutionStartedEventAttributes.TaskQueue?.Name ?? JobNames.TaskQueue,
        };
        options.AddWorkflow(JobHost.Definition(searchAttributes: true));
        var result = await new WorkflowReplayer(options).ReplayWorkflowAsync(history, throwOnReplayFailure: false, cancellationToken).ConfigureAwait(false);
        List<ReplayDifference> differences = [];
        if (result.ReplayFailure is { } failure) differences.Add(new(Commands, "the replay", "what its events say", failure.Message));
        differences.AddRange(Compare(events, folded, instances.Job?.Recorded ?? []));
        return differences;
    }

    private static IEnumerable<ReplayDifference> Compare(HistoryEvent[] events, FoldedOperations folded, IReadOnlyList<Operation> replayed)
    {
        var ids = HistoryOperations.EventIds(events);
        var recorded = folded.Operations;
        for (var index = 0; index < Math.Max(recorded.Count, replayed.Count); index++)
        {
            var key = OperationKeys.Of(index + 1);
            var old = index < recorded.Count ? Encoding.UTF8.GetString(recorded[index].Json.Span) : null;
            var now = index < replayed.Count ? Encoding.UTF8.GetString(OperationJson.Write(replayed[index])) : null;
            if (old == now || (old is null && TaskIsOpen(events))) continue;
            var where = ids.TryGetValue(key, out var id) ? $"{key} (event {id})" : key;
            yield return new(Entry, where, old, now);
        }
    }

    // What a task that is not completed would record is not in its history yet.
    private static bool TaskIsOpen(HistoryEvent[] events) => events
        .Reverse()
        .Select(recorded => recorded.EventType)
        .FirstOrDefault(type => type is EventType.WorkflowTaskScheduled or EventType.WorkflowTaskStarted or EventType.WorkflowTaskCompleted)
        is EventType.WorkflowTaskScheduled or EventType.WorkflowTaskStarted;

    private sealed class InstanceInterceptor(Action<string> watch) : IWorkerInterceptor
    {
        public JobWorkflow? Job { get; private set; }

        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor, this, watch);

        private sealed class Inbound(WorkflowInboundInterceptor next, InstanceInterceptor instances, Action<string> watch) : WorkflowInboundInterceptor(next)
        {
            public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
            {
                instances.Job = (JobWorkflow)input.Instance;
                instances.Job.Watch = watch;
                return base.ExecuteWorkflowAsync(input);
            }
        }
    }
}
