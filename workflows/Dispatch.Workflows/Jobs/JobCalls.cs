using Dispatch.Contracts.Placing;
using Dispatch.Workflows.Placing;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Jobs;

/// <summary>The options of every activity that a job calls. A change here needs a revision of the workflow only where it changes commands.</summary>
internal static class JobCalls
{
    private static readonly RetryPolicy Once = new() { MaximumAttempts = 1 };

    /// <summary>How long a control activity may take once its worker has it.</summary>
    private static readonly TimeSpan ControlWithin = TimeSpan.FromSeconds(10);

    /// <summary>Asks the placer. It has no cancellation token: a cancelled local activity would lose its result.</summary>
    /// <param name="ask">The ask.</param>
    /// <returns>The answer.</returns>
    public static Task<PlaceAnswer> PlaceAsync(PlaceAsk ask) => Workflow.ExecuteLocalActivityAsync(
        (PlacementActivities activities) => activities.PlaceAsync(ask),
        new() { ScheduleToCloseTimeout = TimeSpan.FromSeconds(3), RetryPolicy = Once, CancellationToken = CancellationToken.None });

    /// <summary>Tells the placer of the end; for speed only.</summary>
    /// <param name="settlement">What became of the job.</param>
    /// <returns>A task that ends with the activity.</returns>
    public static Task SettleAsync(Settlement settlement) => Workflow.ExecuteLocalActivityAsync(
        (PlacementActivities activities) => activities.SettleAsync(settlement),
        new() { ScheduleToCloseTimeout = TimeSpan.FromSeconds(1), RetryPolicy = Once, CancellationToken = CancellationToken.None });

    /// <summary>How <c>RunContainer</c> is scheduled: its run deadline is the worker's, so Temporal's is far away.</summary>
    /// <param name="send">What is sent.</param>
    /// <param name="cancellationToken">Cancels it; the worker answers when the container is gone.</param>
    /// <returns>The options.</returns>
    public static ActivityOptions Run(JobAction.Send send, CancellationToken cancellationToken) => new()
    {
        TaskQueue = send.Queue,
        StartToCloseTimeout = JobLimits.RunMax,
        ScheduleToStartTimeout = send.Receipt,
        HeartbeatTimeout = send.Heartbeat,
        RetryPolicy = Once,
        CancellationType = ActivityCancellationType.WaitCancellationCompleted,
        CancellationToken = cancellationToken,
        Priority = new Priority(priorityKey: 3),
    };

    /// <summary>How a control activity is scheduled: ahead of any <c>RunContainer</c> in the same queue.</summary>
    /// <param name="control">What is sent.</param>
    /// <returns>The options.</returns>
    public static ActivityOptions Control(JobAction.Control control) => new()
    {
        TaskQueue = control.Queue,
        StartToCloseTimeout = ControlWithin,
        ScheduleToStartTimeout = control.Receipt,
        RetryPolicy = Once,
        CancellationType = ActivityCancellationType.Abandon,
        CancellationToken = CancellationToken.None,
        Priority = new Priority(priorityKey: 1),
    };
}
