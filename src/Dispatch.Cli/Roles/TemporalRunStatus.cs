using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Placement;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Dispatch.Cli.Roles;

/// <summary>Asks Temporal what became of a run.</summary>
internal sealed class TemporalRunStatus(ITemporalClient client) : IRunStatus
{
    /// <inheritdoc/>
    public async Task<RunDescription> DescribeAsync(JobId job, string runId, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.GetWorkflowHandle(job.Value, runId).DescribeAsync(new() { Rpc = new() { CancellationToken = cancellationToken } }).ConfigureAwait(false);
            return found.Status == WorkflowExecutionStatus.Running
                ? new(RunStanding.Open)
                : new(RunStanding.Closed, $"WorkflowExecution{found.Status}", Reason(found.Memo));
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return new(RunStanding.Unknown);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.InvalidArgument)
        {
            // Of these two ids, and of nothing else: Temporal answers.
            return new(RunStanding.Impossible);
        }
    }

    /// <summary>Why the job ended, as its last operation says; null where Temporal ended the run.</summary>
    private static TerminationReason? Reason(IReadOnlyDictionary<string, IEncodedRawValue> memo) =>
        memo.Where(field => OperationKeys.TryParse(field.Key, out _)).OrderBy(field => field.Key, StringComparer.Ordinal).LastOrDefault().Value is { Payload.Data: { Length: > 0 } data }
        && OperationJson.TryRead(data.Span, out var operation, out _) && Enum.TryParse<TerminationReason>(operation.Reason, out var reason)
            ? reason
            : null;
}
