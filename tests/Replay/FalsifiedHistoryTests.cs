using Dispatch.Workflows.Replay;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Replay.Tests;

/// <summary>What a job says in a command is compared, not only which command it gives: a history that was altered there is not "the same".</summary>
public sealed class FalsifiedHistoryTests
{
    /// <summary>The history, the event's part and how it is altered; what the difference is to name.</summary>
    public static TheoryData<string, string, Action<HistoryEvent>> Alterations => new()
    {
        { "cancel-running", "timer", Of(e => e.TimerStartedEventAttributes, timer => timer.StartToFireTimeout = Long) },
        { "success", "input", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.Input.Payloads_.Clear()) },
        { "success", "input", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.Input.Payloads_[0].Data = Replaced(activity.Input.Payloads_[0], "\"attempt\":1", "\"attempt\":2")) },
        { "success", "task queue", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.TaskQueue.Name = "worker:other:1") },
        { "success", "heartbeat time-out", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.HeartbeatTimeout = Long) },
        { "success", "schedule-to-close time-out", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.ScheduleToCloseTimeout = Long) },
        { "success", "schedule-to-start time-out", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.ScheduleToStartTimeout = Long) },
        { "success", "start-to-close time-out", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.StartToCloseTimeout = Long) },
        { "success", "most attempts", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.RetryPolicy.MaximumAttempts = 7) },
        { "success", "longest retry interval", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.RetryPolicy.MaximumInterval = Long) },
        { "success", "first retry interval", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.RetryPolicy.InitialInterval = Long) },
        { "success", "backoff coefficient", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.RetryPolicy.BackoffCoefficient = 3) },
        { "success", "errors that are not retried", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.RetryPolicy.NonRetryableErrorTypes.Add("Bad")) },
        { "success", "header", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.Header.Fields["a"] = new() { Data = ByteString.CopyFromUtf8("x") }) },
        { "success", "input", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.Input.Payloads_[0].Metadata["encoding"] = ByteString.CopyFromUtf8("binary/plain")) },
        { "cancel-running", "timer id", Of(e => e.TimerStartedEventAttributes, timer => timer.TimerId = "9") },
        { "success", "memo", Of(e => e.WorkflowPropertiesModifiedEventAttributes, memo => memo.UpsertedMemo.Fields["foreign"] = new() { Data = ByteString.CopyFromUtf8("1") }) },
        { "success", "priority", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.Priority.PriorityKey = 1) },
        { "success", "fairness", Of(e => e.ActivityTaskScheduledEventAttributes, activity => activity.Priority.FairnessKey = "a") },
        { "success", "search attributes", Of(e => e.UpsertWorkflowSearchAttributesEventAttributes, index => index.SearchAttributes.IndexedFields["DispatchState"].Data = ByteString.CopyFromUtf8("\"Closed\"")) },
        { "success", "close", Of(e => e.WorkflowExecutionCompletedEventAttributes, close => close.Result.Payloads_[0].Data = Replaced(close.Result.Payloads_[0], "\"code\":0", "\"code\":1")) },
        { "exit-3", "close", Of(e => e.WorkflowExecutionFailedEventAttributes, close => close.Failure.ApplicationFailureInfo.Type = "TimedOut") },
        { "exit-3", "close", Of(e => e.WorkflowExecutionFailedEventAttributes, close => close.Failure.Message = "Something else.") },
        { "success", "close", Of(e => e.WorkflowExecutionCompletedEventAttributes, _ => { }, Terminated) },
        { "cancel-running", "close", Of(e => e.WorkflowExecutionCanceledEventAttributes, _ => { }, Terminated) },
        { "cancel-running", "close", Of(e => e.WorkflowExecutionCanceledEventAttributes, close => close.Details = new() { Payloads_ = { new Payload { Data = ByteString.CopyFromUtf8("x") } } }) },
        { "extend", "answer of an update", Of(e => e.WorkflowExecutionUpdateCompletedEventAttributes, update => update.Outcome.Success.Payloads_[0].Data = Replaced(update.Outcome.Success.Payloads_[0], "true", "false")) },
    };

    private static Duration Long => Duration.FromTimeSpan(TimeSpan.FromSeconds(77777));

    [Theory]
    [MemberData(nameof(Alterations))]
    public async Task What_was_altered_is_named(string name, string what, Action<HistoryEvent> alter)
    {
        var history = KeptHistories.Read(name);
        var before = history.Events.Select(recorded => recorded.Clone()).ToArray();
        foreach (var recorded in history.Events) alter(recorded);
        var altered = history.Events.Where((recorded, index) => !recorded.Equals(before[index])).Select(recorded => recorded.EventId).ToArray();
        Assert.NotEmpty(altered);

        var outcome = await JobReplayer.ReplayAsync(history);

        Assert.Equal(altered.Select(id => ("command", $"event {id}, {what}")), outcome.Differences.Select(difference => (difference.What, difference.Where)));
    }

    private static Action<HistoryEvent> Of<T>(Func<HistoryEvent, T?> part, Action<T> alter, Action<HistoryEvent>? whole = null)
        where T : class => recorded =>
    {
        if (part(recorded) is not { } found) return;
        alter(found);
        whole?.Invoke(recorded);
    };

    private static void Terminated(HistoryEvent close)
    {
        close.EventType = EventType.WorkflowExecutionTerminated;
        close.WorkflowExecutionTerminatedEventAttributes = new();
    }

    private static ByteString Replaced(Payload payload, string old, string now)
    {
        var text = payload.Data.ToStringUtf8();
        Assert.Contains(old, text, StringComparison.Ordinal);
        return ByteString.CopyFromUtf8(text.Replace(old, now, StringComparison.Ordinal));
    }
}
