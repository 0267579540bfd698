using Dispatch.Runtimes;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Logs;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers;

/// <summary>What the worker does beside its jobs: asks guard, runtimes and disk whether they do their part, sweeps, ships what is left of logs.</summary>
internal sealed partial class WorkerChores(WorkerOptions options, JobKeeper keeper, WorkerStatus status, RuntimeWatch runtimes, DiskWatch disk, RuntimeFuse fuse, ILoggerFactory loggers)
{
    private static readonly TimeSpan GuardEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GuardLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DiskEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BacklogEvery = TimeSpan.FromSeconds(5);

    private readonly ILogger logger = loggers.CreateLogger<WorkerChores>();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var sweep = new OrphanSweep(keeper);
        var backlog = new LogBacklog(keeper.Parts.Folder, options.Logs, options.CaptureBytesMax, options.Clock, logger);
        await Task.WhenAll(
            EveryAsync("disk and fuse", DiskEvery, LookAsync, cancellationToken),
            EveryAsync("guard", GuardEvery, AskGuardAsync, cancellationToken),
            EveryAsync("runtimes", RuntimeWatch.PingEvery, runtimes.PingAsync, cancellationToken),
            EveryAsync("runtimes' identity", RuntimeWatch.IdentityEvery, runtimes.IdentifyAsync, cancellationToken),
            EveryAsync("runtimes' abilities", RuntimeWatch.DescribeEvery, runtimes.DescribeAsync, cancellationToken, atOnce: false),
            EveryAsync("sweep", SweepEvery, sweep.SweepAsync, cancellationToken),
            EveryAsync("backlog", BacklogEvery, backlog.ShipAsync, cancellationToken)).ConfigureAwait(false);
    }

    private async Task EveryAsync(string chore, TimeSpan period, Func<CancellationToken, Task> work, CancellationToken cancellationToken, bool atOnce = true)
    {
        using var timer = new PeriodicTimer(period, options.Clock);
        while (atOnce || await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            atOnce = false;
            try
            {
                await work(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                ChoreFailed(fault, chore);
            }
        }
    }

    private async Task AskGuardAsync(CancellationToken cancellationToken)
    {
        try
        {
            await options.Guard.EnsureRunningAsync(cancellationToken).WaitAsync(GuardLimit, options.Clock, cancellationToken).ConfigureAwait(false);
            status.Condition("guard", missing: null);
        }
        catch (Exception silent) when (silent is RuntimeException or TimeoutException or IOException)
        {
            status.Condition("guard", $"The worker's guard does not answer: {silent.Message}");
        }
    }

    private Task LookAsync(CancellationToken cancellationToken)
    {
        disk.Look();
        fuse.Look();
        return Task.CompletedTask;
    }

    [LoggerMessage(4070, LogLevel.Error, "The worker's chore {Chore} failed and is done again")]
    private partial void ChoreFailed(Exception fault, string chore);
}
