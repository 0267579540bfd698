using Dispatch.Contracts;
using Dispatch.Contracts.Operations;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;

namespace Dispatch.Workflows.Replay;

/// <summary>Folds the operations out of a history: every memo entry that any of its tasks wrote.</summary>
/// <remarks>Payloads are taken as they stand: a history that went through a codec is to be decoded before.</remarks>
public static class HistoryOperations
{
    /// <summary>Folds a history.</summary>
    /// <param name="events">All events, in order.</param>
    /// <returns>The operations, in order.</returns>
    public static FoldedOperations Fold(IEnumerable<HistoryEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return OperationFold.Fold(events.SelectMany(Entries));
    }

    /// <summary>Folds the history of a job; one of anything else is refused.</summary>
    /// <param name="history">The history, as <see cref="HistoryFile"/> reads it.</param>
    /// <returns>The operations, in order.</returns>
    /// <exception cref="FormatException">It is the history of another workflow, or an operation is missing in it.</exception>
    public static FoldedOperations OfJob(WorkflowHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var type = history.Events.First().WorkflowExecutionStartedEventAttributes?.WorkflowType?.Name;
        if (type != JobNames.Workflow)
            throw new FormatException($"This is the history of a workflow of type '{type}', not of a job (type '{JobNames.Workflow}').");
        var folded = Fold(history.Events);
        if (folded is { Problems.Count: 0, Complete: false })
        {
            var missing = folded.Operations.TakeWhile((recorded, index) => recorded.Operation.Sequence == index + 1).Count() + 1;
            throw new FormatException($"The history of job '{history.Id}' has no operation {OperationKeys.Of(missing)}, though it has later ones: it was altered, or is not whole.");
        }

        return folded;
    }

    /// <summary>The event that recorded each operation.</summary>
    /// <param name="events">All events, in order.</param>
    /// <returns>Event ids by the operation's key.</returns>
    internal static IReadOnlyDictionary<string, long> EventIds(IEnumerable<HistoryEvent> events)
    {
        var ids = new Dictionary<string, long>();
        foreach (var recorded in events)
        {
            foreach (var (key, json) in Entries(recorded))
            {
                if (json is not null) ids.TryAdd(key, recorded.EventId);
            }
        }

        return ids;
    }

    /// <summary>Whether a memo entry says that there is none any more.</summary>
    /// <param name="payload">The entry.</param>
    /// <returns>True where it was taken away.</returns>
    internal static bool IsForgotten(Payload payload) => payload.Data.IsEmpty || Encoding(payload) == "binary/null";

    /// <summary>How a payload is encoded; empty where it does not say so.</summary>
    /// <param name="payload">The payload.</param>
    /// <returns>The encoding's name.</returns>
    internal static string Encoding(Payload payload) => payload.Metadata.TryGetValue("encoding", out var encoding) ? encoding.ToStringUtf8() : "";

    private static IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>?>> Entries(HistoryEvent recorded) =>
        recorded.WorkflowPropertiesModifiedEventAttributes?.UpsertedMemo is { } memo
            ? memo.Fields
                .Where(field => field.Key.StartsWith(OperationKeys.Prefix, StringComparison.Ordinal))
                .OrderBy(field => field.Key, StringComparer.Ordinal)
                .Select(field => KeyValuePair.Create(field.Key, Bytes(field.Value)))
            : [];

    private static ReadOnlyMemory<byte>? Bytes(Payload payload) => IsForgotten(payload) ? (ReadOnlyMemory<byte>?)null : payload.Data.Memory;
}
