using Dispatch.Contracts;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Keeper;
using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Worker;

namespace Dispatch.Workers;

/// <summary>The official worker on the queue of one incarnation.</summary>
internal sealed partial class JobPolling(WorkerOptions options, WorkerHost host, JobKeeper keeper, WorkerStatus status, ILoggerFactory loggers)
{
    /// <summary>Activities under way at once: far above what leases can fill, so that a full worker still polls for its controls.</summary>
    internal const int ActivitySlots = 2000;

    private readonly ILogger logger = loggers.CreateLogger<JobPolling>();

    /// <summary>Polls as one incarnation until cancelled; a poll that fails is begun again.</summary>
    internal async Task RunAsync(ITemporalClient client, WorkerRegistered registered, Action polls, CancellationToken cancellationToken)
    {
        IReadOnlyList<Admission> admissions = options.Admission is { } own ? [registered.Admission, own] : [registered.Admission];
        var activities = new JobActivities(keeper, host, registered.Profile, admissions, () => status.IsDraining);
        var pause = Pauses.First;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var worker = new TemporalWorker(
                    client,
                    new TemporalWorkerOptions(WorkerQueue.Of(options.Id, registered.Incarnation)) { MaxConcurrentActivities = ActivitySlots, LoggerFactory = loggers }
                        .AddActivity(activities.RunContainerAsync)
                        .AddActivity(activities.Stop)
                        .AddActivity(activities.ExtendAsync));
                var polling = worker.ExecuteAsync(cancellationToken);
                polls();
                await polling.ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                PollingFailed(fault);
                await Task.Delay(pause, options.Clock, cancellationToken).ConfigureAwait(false);
                pause = Pauses.After(pause);
            }
        }
    }

    [LoggerMessage(4205, LogLevel.Error, "Polling for jobs failed and is begun again")]
    private partial void PollingFailed(Exception fault);
}
