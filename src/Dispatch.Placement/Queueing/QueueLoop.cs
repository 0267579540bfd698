using System.Threading.Channels;
using Dispatch.Registry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement.Queueing;

/// <summary>Gives waiting jobs their turn when capacity appears; a poll stands behind lost hints.</summary>
internal sealed partial class QueueLoop(IRegistry registry, PoolQueues queues, QueueTurn turns, PlacementOptions options, TimeProvider time, ILogger<QueueLoop> logger, IDuties? duties = null)
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
        var outage = new Outage(time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Of several processes one gives the turns: many that lock the same workers in batches are slower than one.
                while (await IsOursAsync(queue, stoppingToken).ConfigureAwait(false) && (await turns.TakeAsync(queue, stoppingToken).ConfigureAwait(false)).More)
                {
                }

                if (outage.Ends() is { } lasted) LogAvailable(queue.Pool.Name, lasted.TotalSeconds);
            }
            catch (Contracts.Errors.DispatchException error) when (error.IsTransient)
            {
                if (outage.Begins()) LogUnavailable(queue.Pool.Name, error.Message);
            }

            await NextHintAsync(hints.Reader, stoppingToken).ConfigureAwait(false);
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

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "The queue of pool {Pool} waits: {Error}")]
    private partial void LogUnavailable(string pool, string error);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Warning, Message = "The queue of pool {Pool} goes on after {Seconds:0.0} s.")]
    private partial void LogAvailable(string pool, double seconds);
}
