using Dispatch.Contracts.Operations;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Jobs;

/// <summary>Operations as memo entries: the memo keeps the first and the newest, the history has all.</summary>
internal static class OperationMemo
{
    /// <summary>How many of the newest the memo keeps beside the first.</summary>
    public const int NewestKept = 7;

    /// <summary>The updates that write operations and forget those that are too old.</summary>
    /// <param name="operations">Operations that follow each other.</param>
    /// <returns>One update a memo entry.</returns>
    public static MemoUpdate[] Of(IReadOnlyList<Operation> operations)
    {
        var last = operations[^1].Sequence;
        var first = operations[0].Sequence;
        var updates = operations.Select(operation => MemoUpdate.ValueSet(OperationKeys.Of(operation.Sequence), new RawValue(Payload(operation))));
        var forgotten = Enumerable.Range(first - NewestKept, last - first + 1).Where(sequence => sequence > 1);
        return [.. updates, .. forgotten.Select(sequence => MemoUpdate.ValueUnset(OperationKeys.Of(sequence)))];
    }

    private static Payload Payload(Operation operation) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        Data = ByteString.CopyFrom(OperationJson.Write(operation)),
    };
}
