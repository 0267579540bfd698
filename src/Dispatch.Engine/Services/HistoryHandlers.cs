using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using WorkflowHistory = Temporalio.Api.History.V1.History;

namespace Dispatch.Engine.Services;

/// <summary>What clients may know of a run: its events and its present state.</summary>
internal sealed class HistoryHandlers(RunEngine engine)
{
    private const int PageBatchesMax = 256;
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(20);

    public Task<DescribeWorkflowExecutionResponse> DescribeWorkflowExecution(
        DescribeWorkflowExecutionRequest request, CallContext context)
    {
        var target = request.Execution;
        var slot = engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId);
        return Task.FromResult(Described.Workflow(slot.Read(turn => turn.Require(target.RunId).State)));
    }

    public async Task<GetWorkflowExecutionHistoryResponse> GetWorkflowExecutionHistory(
        GetWorkflowExecutionHistoryRequest request, CallContext context)
    {
        var target = request.Execution;
        var slot = engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId);
        var from = request.NextPageToken.IsEmpty
            ? new HistoryPageToken(slot.Read(turn => turn.Require(target.RunId).State.RunId), 0)
            : HistoryPageToken.Decode(request.NextPageToken, target.RunId);
        var size = request.MaximumPageSize is > 0 and < PageBatchesMax ? request.MaximumPageSize : PageBatchesMax;
        var seesVirtual = context.ClientName is not ("temporal-cli" or "temporal-ui");
        var isFiltered = request.HistoryEventFilterType == HistoryEventFilterType.CloseEvent;
        if (!request.WaitNewEvent)
        {
            var (state, log) = Look(slot, from.RunId);
            return isFiltered ? CloseEvent(state) : HistoryPages.Forward(state, log, from, size, seesVirtual, isWaiting: false);
        }

        var until = engine.Clock.GetUtcNow() + Holds.Rest(context, HoldMax);
        while (true)
        {
            var (state, log, changed) = slot.Read(turn =>
            {
                var run = turn.Require(from.RunId);
                return (run.State, run.History.Read(), run.NextChange());
            });
            var isReady = isFiltered ? !state.IsOpen : !state.IsOpen || from.Batches < log.BatchEnds.Length;
            if (isReady)
            {
                return isFiltered ? CloseEvent(state) : HistoryPages.Forward(state, log, from, size, seesVirtual, isWaiting: true);
            }

            var rest = until - engine.Clock.GetUtcNow();
            try
            {
                await changed.WaitAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, engine.Clock, context.CancellationToken)
                    .ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return new GetWorkflowExecutionHistoryResponse { History = new WorkflowHistory(), NextPageToken = from.Encode() };
            }
        }
    }

    public Task<GetWorkflowExecutionHistoryReverseResponse> GetWorkflowExecutionHistoryReverse(
        GetWorkflowExecutionHistoryReverseRequest request, CallContext context)
    {
        var target = request.Execution;
        var slot = engine.RequireSlot(RunEngine.Key(context.Namespace!, target.WorkflowId), target.RunId);
        var (state, log) = Look(slot, request.NextPageToken.IsEmpty
            ? target.RunId
            : HistoryPageToken.Decode(request.NextPageToken, target.RunId).RunId);
        var rest = request.NextPageToken.IsEmpty
            ? log.BatchEnds.Length
            : HistoryPageToken.Decode(request.NextPageToken, target.RunId).Batches;
        var size = request.MaximumPageSize is > 0 and < PageBatchesMax ? request.MaximumPageSize : PageBatchesMax;
        return Task.FromResult(HistoryPages.Reverse(state, log, rest, size));
    }

    private static (RunState State, HistoryLog.Snapshot Log) Look(WorkflowSlot slot, string runId) => slot.Read(turn =>
    {
        var run = turn.Require(runId);
        return (run.State, run.History.Read());
    });

    private static GetWorkflowExecutionHistoryResponse CloseEvent(RunState state)
    {
        var history = new WorkflowHistory();
        if (state.CloseEvent is { } closing)
        {
            history.Events.Add(closing);
        }

        return new GetWorkflowExecutionHistoryResponse { History = history };
    }
}
