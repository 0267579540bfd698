using Google.Protobuf;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;

namespace Dispatch.Workflows.Replay;

/// <summary>Reads a history as <c>temporal workflow show --output json</c> prints it, or as any client writes it.</summary>
public static class HistoryFile
{
    /// <summary>Reads a history.</summary>
    /// <param name="json">The file's text.</param>
    /// <returns>The history, under the workflow id that its first event names.</returns>
    /// <exception cref="FormatException">It is no history; the text says why.</exception>
    public static WorkflowHistory Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (string.IsNullOrWhiteSpace(json)) throw new FormatException("This is no workflow history: it is empty.");
        IReadOnlyList<HistoryEvent> events;
        try
        {
            events = [.. WorkflowHistory.FromJson("unknown", json).Events];
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw new FormatException($"This is no workflow history: {HistoryShape.Problem(json)}.", exception);
        }
        catch (Exception exception) when (IsOfAnotherContent(exception))
        {
            throw new FormatException($"This is no workflow history in JSON: {exception.Message.TrimEnd('.')}.", exception);
        }

        return Of(events);
    }

    /// <summary>Whether the SDK's reader fails so where the JSON has the right shape, and a name or a value in it is none that it knows.</summary>
    /// <param name="exception">What it threw.</param>
    /// <returns>True where it is of that kind.</returns>
    internal static bool IsOfAnotherContent(Exception exception) => exception is InvalidProtocolBufferException or InvalidJsonException
        or ArgumentException or InvalidOperationException or InvalidCastException or FormatException;

    /// <summary>Takes a history from its events.</summary>
    /// <param name="events">All events, in order.</param>
    /// <returns>The history.</returns>
    /// <exception cref="FormatException">The first event is no start, an event is missing, doubled or out of order, is not what it is called, or names another than the one it came of.</exception>
    public static WorkflowHistory Of(IReadOnlyList<HistoryEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var started = (events.Count > 0 ? events[0] : null)?.WorkflowExecutionStartedEventAttributes
            ?? throw new FormatException("This is no whole workflow history: its first event is not WorkflowExecutionStarted.");
        var expected = 0L;
        var lastTask = 0L;
        foreach (var recorded in events)
        {
            if (recorded.EventId != ++expected)
                throw new FormatException($"This is no whole workflow history: where event {expected} should be, event {recorded.EventId} is. Events are missing, doubled or out of order; save the history again.");
            if (recorded.AttributesCase != HistoryEvent.AttributesOneofCase.None && recorded.AttributesCase.ToString() != $"{recorded.EventType}EventAttributes")
                throw new FormatException($"This is no workflow history as a server writes it: event {expected} is called {recorded.EventType} and is told as {recorded.AttributesCase}. It was altered; save the history again.");
            if (HistoryLinks.Problem(recorded, events, lastTask) is { } problem)
                throw new FormatException($"This is no workflow history as a server writes it: event {expected} ({recorded.EventType}) {problem}. It was altered; save the history again.");
            if (recorded.EventType == EventType.WorkflowTaskCompleted) lastTask = recorded.EventId;
        }

        return new(started.WorkflowId.Length > 0 ? started.WorkflowId : "unknown", events);
    }
}
