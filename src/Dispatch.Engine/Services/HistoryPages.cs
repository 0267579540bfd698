using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Google.Protobuf;
using Temporalio.Api.WorkflowService.V1;
using WorkflowHistory = Temporalio.Api.History.V1.History;

namespace Dispatch.Engine.Services;

/// <summary>Where a page of a run's history ends.</summary>
/// <param name="RunId">Which run; fixed by the first page.</param>
/// <param name="Batches">Batches that were given out (forward), or are still to come (backward).</param>
internal readonly record struct HistoryPageToken(string RunId, int Batches)
{
    public ByteString Encode() => ByteString.CopyFromUtf8($"{Batches}@{RunId}");

    /// <exception cref="EngineException">INVALID_ARGUMENT: not a token, or one of another run than the request names.</exception>
    public static HistoryPageToken Decode(ByteString token, string runId)
    {
        var parts = token.ToStringUtf8().Split('@');
        if (parts.Length != 2 || !int.TryParse(parts[0], out var batches) || batches < 0 || !Guid.TryParse(parts[1], out _))
        {
            throw EngineException.InvalidArgument("Invalid NextPageToken.");
        }

        return runId.Length == 0 || runId == parts[1]
            ? new HistoryPageToken(parts[1], batches)
            : throw EngineException.InvalidArgument("RunId in the request does not match the NextPageToken.");
    }
}

/// <summary>Pages of histories: so many whole batches each.</summary>
internal static class HistoryPages
{
    public static GetWorkflowExecutionHistoryResponse Forward(
        RunState state, HistoryLog.Snapshot log, HistoryPageToken from, int size, bool seesVirtual, bool isWaiting)
    {
        var ends = log.BatchEnds.Span;
        var first = Math.Min(from.Batches, ends.Length);
        var last = Math.Min(first + size, ends.Length);
        var history = new WorkflowHistory();
        foreach (var happened in log.Events.Span[(first == 0 ? 0 : ends[first - 1])..(last == 0 ? 0 : ends[last - 1])])
        {
            history.Events.Add(happened);
        }

        // A page that is exactly full can't know that it is the last one.
        var isLast = last - first < size;
        if (isLast && seesVirtual)
        {
            history.Events.AddRange(WorkflowTasks.VirtualEvents(state));
        }

        var isDone = isWaiting ? last == ends.Length && !state.IsOpen : isLast;
        return new GetWorkflowExecutionHistoryResponse
        {
            History = history,
            NextPageToken = isDone ? ByteString.Empty : new HistoryPageToken(from.RunId, last).Encode(),
        };
    }

    public static GetWorkflowExecutionHistoryReverseResponse Reverse(RunState state, HistoryLog.Snapshot log, int rest, int size)
    {
        var ends = log.BatchEnds.Span;
        var last = Math.Min(rest, ends.Length);
        var first = Math.Max(0, last - size);
        var history = new WorkflowHistory();
        for (var i = (last == 0 ? 0 : ends[last - 1]) - 1; i >= (first == 0 ? 0 : ends[first - 1]); i--)
        {
            history.Events.Add(log.Events.Span[i]);
        }

        return new GetWorkflowExecutionHistoryReverseResponse
        {
            History = history,
            NextPageToken = first == 0 ? ByteString.Empty : new HistoryPageToken(state.RunId, first).Encode(),
        };
    }
}
