using Dispatch.Contracts.Placing;
using Dispatch.Workflows.Hosting;
using Microsoft.Extensions.Hosting;
using Temporalio.Client;

namespace Dispatch.Cli.Roles;

/// <summary>Runs the workflows of jobs.</summary>
internal sealed class WorkflowHost(ITemporalClient client, IPlacer placer, JobHostOptions options) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var worker = JobHost.Create(client, placer, options);
        try
        {
            await worker.ExecuteAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ended in order.
        }
    }
}
