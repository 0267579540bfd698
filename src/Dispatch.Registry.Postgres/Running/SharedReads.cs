namespace Dispatch.Registry.Postgres.Running;

/// <summary>Reads that many want at once. Whoever asks while a read is under way shares the next one: what it gets was read after it asked.</summary>
/// <typeparam name="TKey">What is read.</typeparam>
/// <typeparam name="T">What comes of it; nobody changes it.</typeparam>
/// <param name="read">Reads, within a bound of its own.</param>
internal sealed class SharedReads<TKey, T>(Func<TKey, Task<T>> read)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, TaskCompletionSource<T>?> next = [];

    /// <summary>Reads, or shares the next read.</summary>
    public Task<T> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (next.TryGetValue(key, out var waiting))
            {
                next[key] = waiting ??= new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
                return waiting.Task.WaitAsync(cancellationToken);
            }

            next[key] = null;
        }

        var first = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = ReadOnAsync(key, first);
        return first.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Reads for those that wait, until nobody does.</summary>
    private async Task ReadOnAsync(TKey key, TaskCompletionSource<T>? waiting)
    {
        while (waiting is not null)
        {
            try
            {
                waiting.SetResult(await read(key).ConfigureAwait(false));
            }
#pragma warning disable CA1031 // Those that wait are told.
            catch (Exception error)
#pragma warning restore CA1031
            {
                waiting.SetException(error);
            }

            lock (gate)
            {
                waiting = next[key];
                if (waiting is null) next.Remove(key);
                else next[key] = null;
            }
        }
    }
}
