using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Queue;

/// <summary>The waiting jobs of one pool, grouped by shape. Not safe for several threads: its owner locks.</summary>
internal sealed class WaitingQueue
{
    private readonly Dictionary<string, SortedDictionary<QueueRank, JobRow>> shapes = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public int Shapes => shapes.Count;

    public void Add(JobRow row)
    {
        if (!shapes.TryGetValue(row.Shape, out var waiting)) shapes[row.Shape] = waiting = [];
        waiting.Add(QueueRank.Of(row), row);
        Count++;
    }

    public void Remove(JobRow row)
    {
        var waiting = shapes[row.Shape];
        if (!waiting.Remove(QueueRank.Of(row))) throw new InvalidOperationException($"Job {row.Job} is queued but not in the queue of its shape.");
        if (waiting.Count == 0) shapes.Remove(row.Shape);
        Count--;
    }

    public IReadOnlyList<WaitingShape> Heads(int perShape)
    {
        var heads = new List<WaitingShape>(shapes.Count);
        foreach (var (shape, waiting) in shapes) heads.Add(new(shape, [.. waiting.Values.Take(perShape)], waiting.Count));
        heads.Sort(static (one, other) => QueueRank.Of(one.Heads[0]).CompareTo(QueueRank.Of(other.Heads[0])));
        return heads;
    }

    public int CountBefore(QueueRank rank)
    {
        var count = 0;
        foreach (var waiting in shapes.Values)
        {
            foreach (var other in waiting.Keys)
            {
                if (other >= rank) break;
                count++;
            }
        }

        return count;
    }

    public DateTimeOffset? Oldest()
    {
        DateTimeOffset? oldest = null;
        foreach (var waiting in shapes.Values)
        {
            foreach (var row in waiting.Values)
            {
                if (oldest is null || row.QueuedAt < oldest) oldest = row.QueuedAt;
            }
        }

        return oldest;
    }
}
