using Dispatch.Contracts.Placing;
using Dispatch.Workflows.Jobs;
using Dispatch.Workflows.Placing;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Hosting;

/// <summary>Makes the Temporal worker that runs jobs' workflows.</summary>
public static class JobHost
{
    /// <summary>Makes the worker; the caller runs and disposes it.</summary>
    /// <param name="client">A client with <see cref="DispatchData.Converter"/> (a codec may be added).</param>
    /// <param name="placer">Who answers the jobs' asks.</param>
    /// <param name="options">The settings; null takes the defaults.</param>
    /// <param name="time">The host's clock; null is the system's.</param>
    /// <returns>The worker.</returns>
    /// <exception cref="ArgumentException">The client has another payload converter: its jobs could not speak with workers.</exception>
    public static TemporalWorker Create(ITemporalClient client, IPlacer placer, JobHostOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(placer);
        if (!DispatchData.Speaks(client.Options.DataConverter))
            throw new ArgumentException("The client must be connected with DispatchData.Converter (a codec may be added).", nameof(client));
        options ??= new();
        var settings = new TemporalWorkerOptions(options.TaskQueue)
        {
            MaxCachedWorkflows = options.CachedWorkflowsMax,
            MaxConcurrentLocalActivities = options.LocalActivitiesMax,
            MaxConcurrentWorkflowTasks = options.WorkflowTasksMax,
            LocalActivityWorkerOnly = true,
            WorkflowFailureExceptionTypes = [],

            // It watches every task of the process for workflow code that leaves its scheduler, and slows all of them; the tests and replays have it on.
            DisableWorkflowTracingEventListener = true,
            LoggerFactory = options.LoggerFactory ?? client.Options.LoggerFactory,
        };
        settings.AddWorkflow(Definition(options.SearchAttributes, options.AfterReset));
        settings.AddAllActivities(new PlacementActivities(placer, time ?? TimeProvider.System));
        return new(client, settings);
    }

    /// <summary>The workflow as it is registered.</summary>
    /// <param name="searchAttributes">Whether new runs write search attributes.</param>
    /// <param name="afterReset">Whether every run counts as one that a reset began.</param>
    /// <returns>The definition.</returns>
    internal static WorkflowDefinition Definition(bool searchAttributes, bool afterReset = false) =>
        WorkflowDefinition.Create(typeof(JobWorkflow), null, _ => new JobWorkflow(searchAttributes) { AfterReset = afterReset });
}
