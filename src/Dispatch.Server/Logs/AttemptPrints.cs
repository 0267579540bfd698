using Dispatch.Contracts.Runs;
using Dispatch.Server.Jobs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Server.Logs;

/// <summary>How much each attempt of a job printed, as its worker said when it ended; of one whose worker did not say, nothing is known.</summary>
internal sealed class AttemptPrints
{
    private readonly SortedDictionary<int, LogReference> said = [];

    /// <summary>Takes the next event of the job's history.</summary>
    public void Take(HistoryEvent item)
    {
        var log = item.EventType switch
        {
            EventType.ActivityTaskCompleted => JobHistory.Read<ContainerReport>(item.ActivityTaskCompletedEventAttributes.Result?.Payloads_)?.Log,
            EventType.ActivityTaskCanceled => JobHistory.Read<ContainerReport>(item.ActivityTaskCanceledEventAttributes.Details?.Payloads_)?.Log,
            EventType.ActivityTaskFailed => JobHistory.Read<ContainerFailure>(item.ActivityTaskFailedEventAttributes.Failure?.ApplicationFailureInfo?.Details?.Payloads_)?.Log,
            _ => null,
        };
        if (log is { Attempt: > 0 })
            said[log.Attempt] = log;
    }

    /// <summary>The first attempt that printed something.</summary>
    /// <param name="atLeast">The first that counts.</param>
    /// <param name="before">The first that counts no more; null is none.</param>
    /// <param name="only">The only one that counts; null is any.</param>
    /// <returns>How much it printed, or null.</returns>
    public LogReference? First(int atLeast, int? before, int? only) => said.Values.FirstOrDefault(log =>
        log.Attempt >= atLeast && !(log.Attempt >= before) && (only is null || log.Attempt == only) && log.StdoutBytes + log.StderrBytes > 0);
}
