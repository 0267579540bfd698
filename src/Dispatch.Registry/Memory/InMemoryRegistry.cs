using Dispatch.Contracts.Ids;
using Dispatch.Registry.Pools;

namespace Dispatch.Registry.Memory;

/// <summary>The registry in memory, for <c>dispatch dev</c> and for tests: a lock around a book of all rows, never held across a call.</summary>
public sealed partial class InMemoryRegistry : IRegistry
{
    private readonly Lock gate = new();

    // The book and what it tells are owned by the lock.
    private readonly MemoryBook book;
    private Action<RegistryChange>[] observers = [];

    /// <summary>Makes an empty registry.</summary>
    /// <param name="pools">The pools.</param>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock of time stamps; no lease ends by it.</param>
    /// <param name="newLease">Makes lease ids, each unique; null makes random ones.</param>
    public InMemoryRegistry(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId>? newLease = null)
    {
        ArgumentNullException.ThrowIfNull(pools);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        book = new MemoryBook(pools, options, time, newLease);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<RegistryChange> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        lock (gate) observers = [.. observers, observer];
        return new Subscription(this, observer);
    }

    /// <summary>Runs one statement under the lock, and tells of its changes outside.</summary>
    private Task<T> RunAsync<T>(Func<T> statement)
    {
        T result;
        RegistryChange[] told;
        Action<RegistryChange>[] listeners;
        lock (gate)
        {
            result = statement();
            told = book.Changes.Count == 0 ? [] : [.. book.Changes];
            book.Changes.Clear();
            listeners = observers;
        }

        foreach (var change in told)
        {
            foreach (var listener in listeners) listener(change);
        }

        return Task.FromResult(result);
    }

    private sealed class Subscription(InMemoryRegistry registry, Action<RegistryChange> observer) : IDisposable
    {
        public void Dispose()
        {
            lock (registry.gate) registry.observers = [.. registry.observers.Where(one => one != observer)];
        }
    }
}
