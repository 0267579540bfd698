using System.Collections.Concurrent;

namespace Dispatch.Engine.Matching;

/// <summary>Names a queue. Sticky queues are told apart by their names.</summary>
internal readonly record struct QueueKey(string NamespaceId, string Name, bool IsActivity);

/// <summary>All queues that somebody has used lately.</summary>
internal sealed class TaskQueues(TimeProvider clock)
{
    /// <summary>Past so many queues, idle ones are forgotten each time that a new one comes.</summary>
    public const int IdleQueuesMax = 4_096;

    private readonly ConcurrentDictionary<QueueKey, MatchingQueue> queues = new();

    public MatchingQueue Get(QueueKey key)
    {
        if (queues.TryGetValue(key, out var known))
        {
            return known;
        }

        if (queues.Count >= IdleQueuesMax)
        {
            ForgetIdle();
        }

        return queues.GetOrAdd(key, static (_, clock) => new MatchingQueue(clock), clock);
    }

    public MatchingQueue? Find(QueueKey key) => queues.GetValueOrDefault(key);

    /// <summary>Ends all polls of a worker's process.</summary>
    public void Release(string namespaceId, string instanceKey)
    {
        foreach (var (key, queue) in queues)
        {
            if (key.NamespaceId == namespaceId)
            {
                queue.Release(instanceKey);
            }
        }
    }

    private void ForgetIdle()
    {
        foreach (var (key, queue) in queues)
        {
            if (queue.IsIdle)
            {
                queues.TryRemove(KeyValuePair.Create(key, queue));
            }
        }
    }
}
