using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Reading;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Server;

/// <summary>Says whether jobs can be taken, and what is missing where they cannot.</summary>
internal sealed class ServerReadiness(ITemporalClient client, IRegistryReader registry)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Looks.</summary>
    public async Task<ReadinessView> LookAsync(CancellationToken token)
    {
        var missing = new List<string>();
        try
        {
            var queue = await client.Connection.WorkflowService.DescribeTaskQueueAsync(
                new DescribeTaskQueueRequest { Namespace = client.Options.Namespace, TaskQueue = new TaskQueue { Name = JobNames.TaskQueue }, TaskQueueType = TaskQueueType.Workflow },
                new() { CancellationToken = token, Timeout = Timeout }).ConfigureAwait(false);
            if (queue.Pollers.Count == 0)
                missing.Add($"no workflow host polls task queue '{JobNames.TaskQueue}'");
        }
        catch (RpcException e)
        {
            missing.Add($"Temporal does not answer: {e.Message}");
        }

        if ((await registry.ListWorkersAsync(new WorkerQuery { State = WorkerState.Ready, Limit = 1 }, token).ConfigureAwait(false)).Workers.Count == 0)
            missing.Add("no worker is ready");
        return new(missing.Count == 0, missing);
    }
}
