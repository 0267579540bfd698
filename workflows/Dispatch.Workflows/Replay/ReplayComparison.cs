using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Workflows.Hosting;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Replay;

/// <summary>Compares what a history has of a job's commands with what this build gave them: activities, timers, memo, search attributes, answers of updates, the close.</summary>
/// <remarks>
/// What a server adds by itself is not compared (times, ids of runs that follow, retry states, priorities it derives): only what the job says. Where the job leaves a value to the server, its
/// documented default is taken. Stack traces and causes of failures, the sentences of refused updates and the SDK's own markers are not compared either. Results of local activities are inputs;
/// operations are compared by <see cref="JobReplayer"/>, here only in which event they were written or forgotten.
/// </remarks>
internal static class ReplayComparison
{
    private const string Command = "command";

    /// <summary>The SDK's own attribute, written where a revision is decided.</summary>
    private const string RevisionAttribute = "TemporalChangeVersion";

    private const string Plain = "json/plain";

    /// <summary>Where no longest interval is asked for, a server takes so many times the first.</summary>
    private const int IntervalsDefault = 100;

    /// <summary>Compares.</summary>
    /// <param name="events">The history.</param>
    /// <param name="watch">What the replay did.</param>
    /// <returns>The differences, in the order of the events.</returns>
    public static IEnumerable<ReplayDifference> Compare(IReadOnlyList<HistoryEvent> events, ReplayWatch watch)
    {
        TimeSpan Near(TimerStartedEventAttributes had, TimeSpan now, long id) =>
            LinkedTasks.SpanOf(events, id) is { } span && had.StartToFireTimeout?.ToTimeSpan() is { } old && (old - now).Duration() <= span.To - span.From ? old : now;

        var runLimit = events[0].WorkflowExecutionStartedEventAttributes?.WorkflowRunTimeout?.ToTimeSpan() ?? TimeSpan.Zero;
        var written = 0;
        var noted = 0;
        Dictionary<string, ScheduleActivityInput> activities = new(watch.Activities);
        Dictionary<string, TimeSpan> timers = new(watch.Timers);
        var differences = new List<ReplayDifference>();
        foreach (var recorded in events)
        {
            switch (recorded.AttributesCase)
            {
                case HistoryEvent.AttributesOneofCase.ActivityTaskScheduledEventAttributes:
                    var activity = recorded.ActivityTaskScheduledEventAttributes.ActivityId;
                    if (activities.Remove(activity, out var asked)) differences.AddRange(Activity(recorded, asked, runLimit));
                    else Add(recorded, "activity id", activity, null);
                    break;
                case HistoryEvent.AttributesOneofCase.TimerStartedEventAttributes:
                    var timer = recorded.TimerStartedEventAttributes;
                    if (timers.Remove(timer.TimerId, out var length)) Add(recorded, "timer", timer.StartToFireTimeout?.ToTimeSpan() ?? TimeSpan.Zero, Near(timer, AtLeastOneMillisecond(length), recorded.EventId));
                    else Add(recorded, "timer id", timer.TimerId, null);
                    break;
                case HistoryEvent.AttributesOneofCase.WorkflowPropertiesModifiedEventAttributes:
                    var entries = recorded.WorkflowPropertiesModifiedEventAttributes.UpsertedMemo?.Fields ?? [];
                    Add(recorded, "memo", Noted(entries), watch.Noted.ElementAtOrDefault(noted++) is { } note ? Noted(note) : null);
                    break;
                case HistoryEvent.AttributesOneofCase.UpsertWorkflowSearchAttributesEventAttributes:
                    var fields = recorded.UpsertWorkflowSearchAttributesEventAttributes.SearchAttributes.IndexedFields;
                    if (!fields.ContainsKey(RevisionAttribute))
                        Add(recorded, "search attributes", Indexed(fields), watch.Indexed.ElementAtOrDefault(written++) is { } update ? Indexed(update) : null);
                    break;
                case HistoryEvent.AttributesOneofCase.WorkflowExecutionUpdateCompletedEventAttributes:
                    var answer = recorded.WorkflowExecutionUpdateCompletedEventAttributes;
                    Add(recorded, "answer of an update", Answer(answer.Outcome?.Success, answer.Outcome?.Failure), Answer(watch.Updates.GetValueOrDefault(answer.Meta?.UpdateId ?? "")));
                    break;
                default:
                    break;
            }
        }

        if (Close(events[^1]) is var close && (close is not null || (watch.Closed is not null && !TaskIsOpen(events)))) Add(events[^1], "close", close, Closing(watch.Closed));
        return differences;

        void Add(HistoryEvent recorded, string what, object? old, object? now)
        {
            if (!Equals(old, now)) differences.Add(Different(recorded, what, old, now));
        }
    }

    /// <summary>Whether a task was given out and not completed: what it would do is not in the history yet.</summary>
    public static bool TaskIsOpen(IReadOnlyList<HistoryEvent> events) => events
        .Reverse()
        .Select(recorded => recorded.EventType)
        .FirstOrDefault(type => type is EventType.WorkflowTaskScheduled or EventType.WorkflowTaskStarted or EventType.WorkflowTaskCompleted)
        is EventType.WorkflowTaskScheduled or EventType.WorkflowTaskStarted;

    private static IEnumerable<ReplayDifference> Activity(HistoryEvent recorded, ScheduleActivityInput asked, TimeSpan runLimit)
    {
        var old = recorded.ActivityTaskScheduledEventAttributes;
        var options = asked.Options;
        var policy = options.RetryPolicy ?? new();
        (string What, object? Old, object? Now)[] fields =
        [
            ("activity", old.ActivityType.Name, asked.Activity),
            ("task queue", old.TaskQueue.Name, options.TaskQueue ?? old.TaskQueue.Name),
            ("input", Text(old.Input), Text(new Payloads { Payloads_ = { asked.Args.Select(DispatchData.Converter.PayloadConverter.ToPayload) } })),
            ("schedule-to-close time-out", old.ScheduleToCloseTimeout?.ToTimeSpan() ?? TimeSpan.Zero, Whole(options.ScheduleToCloseTimeout, old.ScheduleToCloseTimeout)),
            ("schedule-to-start time-out", old.ScheduleToStartTimeout?.ToTimeSpan(), Limited(options.ScheduleToStartTimeout, old.ScheduleToStartTimeout)),
            ("start-to-close time-out", old.StartToCloseTimeout?.ToTimeSpan(), Limited(options.StartToCloseTimeout, old.StartToCloseTimeout)),
            ("heartbeat time-out", old.HeartbeatTimeout?.ToTimeSpan(), Limited(options.HeartbeatTimeout, old.HeartbeatTimeout)),
            ("header", OrNone(Named(old.Header?.Fields ?? [])), OrNone(Named(asked.Headers ?? new Dictionary<string, Payload>()))),
            ("first retry interval", old.RetryPolicy?.InitialInterval?.ToTimeSpan(), policy.InitialInterval),
            ("backoff coefficient", (float)(old.RetryPolicy?.BackoffCoefficient ?? 0), policy.BackoffCoefficient),
            ("longest retry interval", old.RetryPolicy?.MaximumInterval?.ToTimeSpan(), Longest(old.RetryPolicy?.MaximumInterval)),
            ("errors that are not retried", OrNone(string.Join(", ", old.RetryPolicy?.NonRetryableErrorTypes ?? [])), OrNone(string.Join(", ", policy.NonRetryableErrorTypes ?? []))),
            ("most attempts", old.RetryPolicy?.MaximumAttempts ?? 0, policy.MaximumAttempts),
            ("fairness", (old.Priority?.FairnessKey ?? "", old.Priority?.FairnessWeight ?? 0), (options.Priority?.FairnessKey ?? "", options.Priority?.FairnessWeight ?? 0)),
            ("priority", old.Priority?.PriorityKey ?? 0, options.Priority?.PriorityKey ?? old.Priority?.PriorityKey ?? 0),
        ];
        return fields.Where(field => !Equals(field.Old, field.Now)).Select(field => Different(recorded, field.What, field.Old, field.Now));

        TimeSpan? Longest(Duration? had) => policy.MaximumInterval ?? (had is null ? null : policy.InitialInterval * IntervalsDefault);

        // Where none is asked for, a server leaves it out or writes what the run may take.
        TimeSpan Whole(TimeSpan? wanted, Duration? had) =>
            (wanted is null && had?.ToTimeSpan() == runLimit ? runLimit : Limited(wanted ?? TimeSpan.Zero, had)) ?? TimeSpan.Zero;

        // A server shortens a time-out that is longer than the run may be.
        TimeSpan? Limited(TimeSpan? wanted, Duration? had) =>
            wanted is null || (runLimit > TimeSpan.Zero && wanted > runLimit && had?.ToTimeSpan() == runLimit) ? had?.ToTimeSpan() : wanted;
    }

    private static ReplayDifference Different(HistoryEvent recorded, string what, object? old, object? now) =>
        new(Command, $"event {recorded.EventId}, {what}", old?.ToString(), now?.ToString());

    // The SDK starts no timer of less.
    private static TimeSpan AtLeastOneMillisecond(TimeSpan length) => length > TimeSpan.FromMilliseconds(1) ? length : TimeSpan.FromMilliseconds(1);

    private static string? Close(HistoryEvent last) => last.AttributesCase switch
    {
        HistoryEvent.AttributesOneofCase.WorkflowExecutionCompletedEventAttributes => Closing(last.WorkflowExecutionCompletedEventAttributes.Result, null),
        HistoryEvent.AttributesOneofCase.WorkflowExecutionFailedEventAttributes => Closing(null, last.WorkflowExecutionFailedEventAttributes.Failure),
        HistoryEvent.AttributesOneofCase.WorkflowExecutionCanceledEventAttributes => Canceled(last.WorkflowExecutionCanceledEventAttributes.Details),
        _ => null,
    };

    // Its sentence is for people and may be put better.
    private static string? Answer(Payloads? result, Failure? failure) => (result, failure) switch
    {
        (_, { } failed) => $"refused as {failed.ApplicationFailureInfo?.Type}",
        ({ Payloads_: [var only, ..] }, null) => DispatchData.Converter.PayloadConverter.ToValue<CommandResult>(only).Applied ? "applied" : "not applied",
        _ => null,
    };

    private static string? Answer(ReplayWatch.RunOutcome? outcome) => outcome switch
    {
        null => null,
        { Fault: ApplicationFailureException refused } => $"refused as {refused.ErrorType}",
        { Fault: { } fault } => $"failed: {fault.Message}",
        _ => ((CommandResult)outcome.Result!).Applied ? "applied" : "not applied",
    };

    private static string? Closing(ReplayWatch.RunOutcome? outcome) => outcome switch
    {
        null => null,
        { Fault: OperationCanceledException } => Canceled(null),
        { Fault: { } fault } => Closing(null, DispatchData.Converter.FailureConverter.ToFailure(fault, DispatchData.Converter.PayloadConverter)),
        _ => Closing(new Payloads { Payloads_ = { DispatchData.Converter.PayloadConverter.ToPayload(outcome.Result) } }, null),
    };

    private static string Canceled(Payloads? details) => details?.Payloads_ is { Count: > 0 } ? $"canceled with {Text(details)}" : "canceled";

    private static string? Closing(Payloads? result, Failure? failure) => (result, failure) switch
    {
        (_, { } failed) => $"failed as {failed.ApplicationFailureInfo?.Type}{(failed.ApplicationFailureInfo?.NonRetryable == true ? "" : ", to be retried")}: {failed.Message} {Text(failed.ApplicationFailureInfo?.Details)}",
        ({ } payloads, null) => $"completed with {Text(payloads)}",
        _ => null,
    };

    private static string Text(Payloads? payloads) => string.Join(", ", payloads?.Payloads_.Select(Text) ?? []);

    private static string Indexed(MapField<string, Payload> fields) => Named(fields);

    private static string Indexed(IReadOnlyCollection<SearchAttributeUpdate> updates) =>
        Named(updates.Select(update => KeyValuePair.Create(update.UntypedKey.Name, DispatchData.Converter.PayloadConverter.ToPayload(update.UntypedValue))));

    private static string Noted(MapField<string, Payload> entries) =>
        Noted(entries.Select(entry => (entry.Key, HistoryOperations.IsForgotten(entry.Value) ? null : entry.Value)));

    private static string Noted(IReadOnlyCollection<MemoUpdate> updates) =>
        Noted(updates.Select(update => (update.UntypedKey, update.HasValue ? DispatchData.Converter.PayloadConverter.ToPayload(update.UntypedValue) : null)));

    private static string Noted(IEnumerable<(string Key, Payload? Value)> entries) =>
        string.Join(", ", entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry switch
        {
            (var key, null) => $"{key} forgotten",
            (var key, _) when key.StartsWith(OperationKeys.Prefix, StringComparison.Ordinal) => key,
            (var key, var value) => $"{key}={Text(value)}",
        }));

    private static string Named(IEnumerable<KeyValuePair<string, Payload>> fields) =>
        string.Join(", ", fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={Text(field.Value)}"));

    private static string? OrNone(string text) => text.Length == 0 ? null : text;

    private static string Text(Payload payload) =>
        HistoryOperations.Encoding(payload) is var encoding && encoding == Plain ? payload.Data.ToStringUtf8() : $"{payload.Data.ToStringUtf8()} as {(encoding.Length == 0 ? "no encoding" : encoding)}";
}
