using Dispatch.Contracts.Ids;
using Dispatch.Placement;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
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
                : new(RunStanding.Closed, $"WorkflowExecution{found.Status}");
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return new(RunStanding.Unknown);
        }
    }
}
