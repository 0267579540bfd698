namespace Dispatch.Runtimes.Docker;

/// <summary>Lets callers who want the same thing at the same time wait for one doing of it.</summary>
/// <remarks>A caller that gives up leaves the others; the work itself is cancelled when the last has left.</remarks>
internal sealed class SharedWork<TResult>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Doing> _doings = new(StringComparer.Ordinal);

    public async Task<TResult> JoinAsync(string key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Doing doing;
        lock (_lock)
        {
            if (!_doings.TryGetValue(key, out doing!))
                _doings.Add(key, doing = new Doing(work));
            doing.Waiters++;
        }

        try
        {
            return await doing.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            bool last;
            lock (_lock)
            {
                last = --doing.Waiters == 0;
                // Nobody joins what has ended or is being cancelled.
                if ((last || doing.Result.IsCompleted) && _doings.TryGetValue(key, out var present) && present == doing)
                    _doings.Remove(key);
            }

            if (last)
                await doing.EndAsync().ConfigureAwait(false);
        }
    }

    private sealed class Doing : IDisposable
    {
        private readonly CancellationTokenSource _cancellation = new();

        public Doing(Func<CancellationToken, Task<TResult>> work) => Result = Task.Run(() => work(_cancellation.Token));

        public Task<TResult> Result { get; }

        public int Waiters { get; set; }

        public async Task EndAsync()
        {
            if (!Result.IsCompleted)
                await _cancellation.CancelAsync().ConfigureAwait(false);
            // The work may take a moment to notice; what it then throws was answered by the callers' own cancellation.
            _ = Result.ContinueWith(
                static (ended, doing) =>
                {
                    _ = ended.Exception;
                    ((Doing)doing!).Dispose();
                },
                this, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        public void Dispose() => _cancellation.Dispose();
    }
}
