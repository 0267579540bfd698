using Dispatch.Contracts.Logs;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Attempts;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Logs;

/// <summary>Ships the output of finished attempts that the log store could not take in time, one log after the other, oldest first.</summary>
internal sealed partial class LogBacklog(WorkerFolder folder, ILogIntake intake, long captureBytesMax, TimeProvider clock, ILogger logger)
{
    /// <summary>How long one log may take in one round before the next is tried.</summary>
    internal static readonly TimeSpan RoundLimit = TimeSpan.FromSeconds(30);

    /// <summary>Tries each log once.</summary>
    internal async Task ShipAsync(CancellationToken cancellationToken)
    {
        foreach (var (key, path) in folder.ReadUnshipped())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var log = new AttemptLog(path, key, intake, captureBytesMax, clock, logger);
            await using (log.ConfigureAwait(false))
            {
                await log.CompleteAsync(RoundLimit).ConfigureAwait(false);
                if (!log.IsShipped)
                {
                    return;
                }
            }

            TreeRemover.Remove(path);
            Shipped(key.Job.Value, key.Attempt);
        }
    }

    [LoggerMessage(4110, LogLevel.Information, "The output of job {Job}, attempt {Attempt}, was shipped late")]
    private partial void Shipped(string job, int attempt);
}
