using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Placement;
using Temporalio.Client;

namespace Dispatch.Cli.Roles;

/// <summary>Nudges a job by Temporal's signal.</summary>
internal sealed class TemporalNudge(ITemporalClient client) : INudge
{
    /// <inheritdoc/>
    public Task NudgeAsync(JobId job, string runId, CancellationToken cancellationToken) =>
        client.GetWorkflowHandle(job.Value, runId).SignalAsync(JobNames.Nudge, [], new() { Rpc = new() { CancellationToken = cancellationToken } });
}
