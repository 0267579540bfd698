using Dispatch.Contracts.Workers;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers;

/// <summary>Drains as an operator wants it: no new work at once, what runs is stopped when the limit has passed. Undoing it in time stops nothing.</summary>
internal sealed class DrainWatch(JobKeeper keeper, WorkerStatus status, TimeSpan limit, TimeProvider clock) : IAsyncDisposable
{
    private readonly Lock sync = new();
    private ITimer? timer;

    internal void Want(WorkerState? wanted)
    {
        lock (sync)
        {
            if (wanted == WorkerState.Draining && timer is null)
            {
                status.Drain(wanted: true);
                timer = clock.CreateTimer(_ => keeper.Drain(), state: null, limit, Timeout.InfiniteTimeSpan);
            }
            else if (wanted == WorkerState.Ready && timer is not null)
            {
                timer.Dispose();
                timer = null;
                status.Drain(wanted: false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (timer is not null)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }
    }
}
