using System.Threading.Channels;
using Dispatch.Registry;
using Dispatch.Registry.Loops;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement.Queueing;

/// <summary>Gives waiting jobs their turn when capacity appears; a poll stands behind lost hints.</summary>
internal sealed class QueueLoop(IRegistry registry, PoolQueues queues, QueueTurn turns, PlacementOptions options, TimeProvider time, ILogger<QueueLoop> logger, IDuties? duties = null)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loops = queues.All.Select(queue => ServeAsync(queue, stoppingToken));
        await Task.WhenAll(loops).ConfigureAwait(false);
    }

    private async Task ServeAsync(PoolQueue queue, CancellationToken stoppingToken)
    {
        // One hint is as good as many.
        var hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = registry.Subscribe(change =>
        {
            if (change.Kind is RegistryChangeKind.CapacityAppeared or RegistryChangeKind.JobUnblocked
                && string.Equals(change.Pool, queue.Pool.Name, StringComparison.Ordinal)) hints.Writer.TryWrite(true);
        });
        var steady = new SteadyTurns($"The queue of pool {queue.Pool.Name}", time, logger);
        while (!stoppingToken.IsCancellationRequested)
        {
            await steady.TakeAsync(token => ServeOnceAsync(queue, token), stoppingToken).ConfigureAwait(false);
            await NextHintAsync(hints.Reader, stoppingToken).ConfigureAwait(false);
        }
    }

    /// <summary>Of several processes one gives the turns: many that lock the same workers in batches are slower than one.</summary>
    private async Task ServeOnceAsync(PoolQueue queue, CancellationToken stoppingToken)
    {
        while (await IsOursAsync(queue, stoppingToken).ConfigureAwait(false) && (await turns.TakeAsync(queue, stoppingToken).ConfigureAwait(false)).More)
        {
        }
    }

    private async Task<bool> IsOursAsync(PoolQueue queue, CancellationToken stoppingToken) =>
        duties is null || await duties.IsOursAsync($"queue of pool {queue.Pool.Name}", stoppingToken).ConfigureAwait(false);

    private async Task NextHintAsync(ChannelReader<bool> hints, CancellationToken stoppingToken)
    {
        using var poll = new CancellationTokenSource(options.QueuePoll, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, stoppingToken);
        try
        {
            await hints.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // The poll's time has come.
        }
    }
}
