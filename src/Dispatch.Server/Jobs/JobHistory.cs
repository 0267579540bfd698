using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Google.Protobuf.Collections;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace Dispatch.Server.Jobs;

/// <summary>Reads what a job's history says: its spec, its operations, its end.</summary>
internal static class JobHistory
{
    /// <summary>The spec as it was submitted (the argument of the first event), or null where there was none.</summary>
    public static async Task<byte[]?> SpecAsync(WorkflowHandle handle, CancellationToken token)
    {
        await foreach (var first in handle.FetchHistoryEventsAsync(new() { Rpc = new() { CancellationToken = token } }).ConfigureAwait(false))
            return first.WorkflowExecutionStartedEventAttributes?.Input?.Payloads_ is [{ } payload, ..] ? payload.Data.ToByteArray() : null;
        return null;
    }

    /// <summary>The event that closed the run: at once, or once it is there.</summary>
    /// <param name="handle">The run.</param>
    /// <param name="wait">Whether to wait for it.</param>
    /// <param name="token">Ends the wait.</param>
    /// <returns>The event, or null where the run is open.</returns>
    public static async Task<HistoryEvent?> CloseEventAsync(WorkflowHandle handle, bool wait, CancellationToken token)
    {
        var options = new WorkflowHistoryEventFetchOptions { EventFilterType = HistoryEventFilterType.CloseEvent, WaitNewEvent = wait, Rpc = new() { CancellationToken = token } };
        HistoryEvent? last = null;
        await foreach (var item in handle.FetchHistoryEventsAsync(options).ConfigureAwait(false))
            last = item;
        return last is not null && IsClose(last.EventType) ? last : null;
    }

    /// <summary>The report that a closing event carries, if any.</summary>
    public static JobReport? Report(HistoryEvent close) => close.EventType switch
    {
        EventType.WorkflowExecutionCompleted => Read<JobReport>(close.WorkflowExecutionCompletedEventAttributes.Result?.Payloads_),
        EventType.WorkflowExecutionFailed => Read<JobReport>(close.WorkflowExecutionFailedEventAttributes.Failure?.ApplicationFailureInfo?.Details?.Payloads_),
        _ => null,
    };

    /// <summary>The code of a failure that closed the run.</summary>
    public static ErrorCode? Error(HistoryEvent close) => close.EventType switch
    {
        EventType.WorkflowExecutionFailed => ErrorCatalogue.Parse(close.WorkflowExecutionFailedEventAttributes.Failure?.ApplicationFailureInfo?.Type),
        EventType.WorkflowExecutionCanceled => ErrorCode.Cancelled,
        _ => null,
    };

    /// <summary>What a failure that closed the run without a report says, with what it came from.</summary>
    public static string? Message(HistoryEvent close)
    {
        var texts = new List<string>();
        for (var failure = close.WorkflowExecutionFailedEventAttributes?.Failure; failure is not null; failure = failure.Cause)
        {
            if (failure.Message.Length > 0)
                texts.Add(failure.Message);
        }

        return texts.Count > 0 ? string.Join(": ", texts)
            : close.EventType == EventType.WorkflowExecutionFailed ? "The run failed without a word; its history, and the log of its workflow host, are what is known." : null;
    }

    /// <summary>The operations that a memo still has: the first and the newest.</summary>
    public static IReadOnlyList<Operation> Operations(IReadOnlyDictionary<string, IEncodedRawValue> memo) =>
        [.. memo.Where(field => OperationKeys.TryParse(field.Key, out _) && field.Value.Payload.Data.Length > 0)
            .Select(field => OperationJson.Read(field.Value.Payload.Data.Span)).OrderBy(operation => operation.Sequence)];

    /// <summary>The conversation of a run: its original run id.</summary>
    public static ConversationId Conversation(IReadOnlyList<Operation> operations, string runId) =>
        operations.Count > 0 ? operations[0].Conversation : new(runId);

    private static bool IsClose(EventType type) => type is EventType.WorkflowExecutionCompleted or EventType.WorkflowExecutionFailed
        or EventType.WorkflowExecutionCanceled or EventType.WorkflowExecutionTerminated or EventType.WorkflowExecutionTimedOut or EventType.WorkflowExecutionContinuedAsNew;

    /// <summary>The one payload of a result or of details; null where it is none of ours.</summary>
    public static T? Read<T>(RepeatedField<Payload>? payloads)
        where T : class
    {
        if (payloads is not [{ } payload, ..])
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(payload.Data.Span, DispatchJson.Options);
        }
        catch (JsonException)
        {
            // A job of another program under our workflow type: its end is told without a report.
            return null;
        }
    }
}
