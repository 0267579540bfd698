using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>What the query <c>Status</c> shows of a job.</summary>
internal static class JobStatusView
{
    /// <summary>The status of a job.</summary>
    /// <param name="progress">The job.</param>
    /// <returns>The status.</returns>
    public static JobStatus Of(JobProgress progress) => new()
    {
        Job = progress.Facts.Job,
        Conversation = progress.Facts.Conversation,
        State = StateOf(progress),
        Message = MessageOf(progress),
        Pool = progress.Spec?.Pool,
        SpecDigest = progress.SpecDigest.Length > 0 ? progress.SpecDigest : null,
        Attempt = progress.Current?.Number ?? 0,
        Delivery = progress.Current?.Delivery ?? 0,
        Worker = progress.Current?.Worker,
        Incarnation = progress.Current?.Incarnation,
        Lease = progress.Current?.Lease,
        Priority = progress.Priority,
        RunSeconds = progress.Run.TotalSeconds,
        Stopping = progress.Ending is not null && progress.Phase is not (JobPhase.Settling or JobPhase.Closed),
        QueuedAt = progress.QueuedAt,
        UnavailableSince = progress.UnavailableSince,
        Commands = progress.Commands,
        Report = progress.Phase is JobPhase.Closed ? progress.Report : null,
    };

    private static JobState StateOf(JobProgress progress) => progress switch
    {
        { Phase: JobPhase.Closed or JobPhase.Settling } => JobState.Closed,
        { EverSent: true, IsBetweenAttempts: false } => JobState.Sent,
        { Paused: true } => JobState.Paused,
        _ => JobState.Queued,
    };

    private static string MessageOf(JobProgress progress) => progress.Phase switch
    {
        JobPhase.Opening => "Not looked at yet.",
        JobPhase.Placing when progress.Paused => "Paused: it waits for unpause.",
        JobPhase.Placing when progress.UnavailableSince is not null => progress.Placement?.Why ?? "The registry does not answer.",
        JobPhase.Placing => progress.Placement?.Why ?? "A worker is sought.",
        JobPhase.Sent => $"Attempt {progress.Current!.Number} is with worker {progress.Current.Worker}.",
        JobPhase.Looking => $"Nothing was heard of attempt {progress.Current!.Number}; the registry is asked.",
        JobPhase.Resending => $"Worker {progress.Current!.Worker} holds attempt {progress.Current.Number} and is silent; it is sent again.",
        JobPhase.BackingOff => "The next attempt waits for its backoff.",
        JobPhase.Final => "No attempt is left; the registry is asked a last time.",
        _ => progress.Report?.Message ?? progress.Report?.Reason.ToString() ?? "Closed.",
    };
}
