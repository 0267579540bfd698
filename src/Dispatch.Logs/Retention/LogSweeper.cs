using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Logs.Retention;

/// <summary>Applies retention at intervals.</summary>
internal sealed partial class LogSweeper(LogStore store, LogStoreOptions options, TimeProvider time, ILogger<LogSweeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepEvery, time);
        do
        {
            try
            {
                var removed = await store.SweepAsync(stoppingToken).ConfigureAwait(false);
                if (removed > 0)
                    Removed(removed);
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                // The next sweep tries again; logs stay longer, nothing else depends on it.
                Failed(failed);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "Removed {Count} logs past their retention")]
    private partial void Removed(int count);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Warning, Message = "Logs past their retention could not be removed")]
    private partial void Failed(Exception exception);
}
