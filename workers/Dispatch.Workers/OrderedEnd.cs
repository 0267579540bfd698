using Dispatch.Workers.Keeper;

namespace Dispatch.Workers;

/// <summary>What becomes of running jobs when the worker ends in order.</summary>
internal sealed class OrderedEnd(JobKeeper keeper, WorkerRuntimes runtimes, WorkerOptions options)
{
    private static readonly TimeSpan FolderLimit = TimeSpan.FromSeconds(5);

    /// <summary>Returns when nothing is left that must end with the worker, or when the time is over.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Shutdown == ShutdownMode.Drain)
        {
            await EmptyWithinAsync(keeper.All(), options.DrainLimit, cancellationToken).ConfigureAwait(false);
        }

        var ending = keeper.All().Where(attempt => options.Shutdown != ShutdownMode.LeaveRunning || !Survives(attempt)).ToArray();
        foreach (var attempt in ending)
        {
            attempt.Post(new AttemptInput.StopAsked(Now: false, EndCause.Drained));
        }

        var grace = ending.Length == 0 ? TimeSpan.Zero : ending.Max(attempt => attempt.State.Facts.StopGrace);
        await EmptyWithinAsync(ending, options.ShutdownLimit + grace, cancellationToken).ConfigureAwait(false);

        // Folders of attempts that have just ended are still on their way out: a guard that finds one stays.
        await EmptyWithinAsync(keeper.Going(), FolderLimit, cancellationToken).ConfigureAwait(false);
    }

    private bool Survives(AttemptKeeper attempt) =>
        runtimes.Descriptions.GetValueOrDefault(attempt.RuntimeName)?.SurvivesWorker ?? false;

    private async Task EmptyWithinAsync(IReadOnlyList<AttemptKeeper> attempts, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (attempts.Count == 0)
        {
            return;
        }

        using var late = new CancellationTokenSource(limit, options.Clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        await Task.WhenAll(attempts.Select(attempt => attempt.Ended)).WaitAsync(over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
