using Temporalio.Worker;

namespace Dispatch.Interop.Tests.Stage;

/// <summary>An official worker that runs until it is stopped.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TemporalWorker _worker;
    private readonly Task _running;
    private bool _disposed;

    public RunningWorker(IWorkerClient client, TemporalWorkerOptions options)
    {
        _worker = new(client, options);
        _running = Task.Run(() => _worker.ExecuteAsync(_stop.Token));
    }

    /// <summary>Shuts it down and waits until it has ended.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // That is how an ordered end shows.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await StopAsync();
        _worker.Dispose();
        _stop.Dispose();
    }
}
