using Dispatch.Contracts.Logs;

namespace Dispatch.Workers.Logs;

/// <summary>Which bytes of which stream came when: the order in which they are shipped. Written by the capture, read by the shipper, under one lock.</summary>
internal sealed class LogProgress
{
    /// <summary>Stretches remembered; past it the order among the two streams is given up for what is not shipped yet.</summary>
    internal const int StretchesMax = 4096;

    /// <summary>Most bytes of a stretch, and so of a shipped piece.</summary>
    internal const int StretchBytesMax = 256 * 1024;

    private readonly Lock sync = new();
    private readonly LinkedList<Stretch> stretches = [];
    private long pendingBytes;

    internal long PendingBytes
    {
        get
        {
            lock (sync)
            {
                return pendingBytes;
            }
        }
    }

    /// <summary>Adds bytes that were captured.</summary>
    internal void Add(OutputStream stream, long offset, long count, DateTimeOffset time)
    {
        lock (sync)
        {
            pendingBytes += count;
            if (stretches.Last is { } last && last.Value.Stream == stream && last.Value.End == offset
                && (last.Value.Count + count <= StretchBytesMax || stretches.Count >= StretchesMax))
            {
                last.Value = last.Value with { Count = last.Value.Count + count };
            }
            else if (stretches.Count < StretchesMax)
            {
                stretches.AddLast(new Stretch(stream, offset, count, time));
            }
            else
            {
                Join(stream, offset, count, time);
            }
        }
    }

    /// <summary>The next stretches, oldest first, at most so many bytes together; they stay until they are shipped.</summary>
    internal IReadOnlyList<Stretch> Next(long bytesMax)
    {
        var next = new List<Stretch>();
        lock (sync)
        {
            foreach (var stretch in stretches)
            {
                for (var offset = stretch.Offset; offset < stretch.End && bytesMax > 0;)
                {
                    var count = Math.Min(Math.Min(stretch.End - offset, StretchBytesMax), bytesMax);
                    next.Add(stretch with { Offset = offset, Count = count });
                    offset += count;
                    bytesMax -= count;
                }

                if (bytesMax <= 0)
                {
                    break;
                }
            }
        }

        return next;
    }

    /// <summary>Forgets what a stream has shipped up to an offset.</summary>
    internal void Shipped(OutputStream stream, long upTo)
    {
        lock (sync)
        {
            for (var node = stretches.First; node is not null;)
            {
                var following = node.Next;
                var stretch = node.Value;
                if (stretch.Stream == stream && stretch.Offset < upTo)
                {
                    var gone = Math.Min(stretch.Count, upTo - stretch.Offset);
                    pendingBytes -= gone;
                    if (gone == stretch.Count)
                    {
                        stretches.Remove(node);
                    }
                    else
                    {
                        node.Value = stretch with { Offset = upTo, Count = stretch.Count - gone };
                    }
                }

                node = following;
            }
        }
    }

    /// <summary>Gives up the order: one stretch for each stream over all that is pending.</summary>
    private void Join(OutputStream stream, long offset, long count, DateTimeOffset time)
    {
        stretches.AddLast(new Stretch(stream, offset, count, time));
        var joined = stretches.GroupBy(stretch => stretch.Stream)
            .Select(of => new Stretch(of.Key, of.Min(one => one.Offset), of.Max(one => one.End) - of.Min(one => one.Offset), of.First().Time))
            .ToArray();
        stretches.Clear();
        foreach (var stretch in joined)
        {
            stretches.AddLast(stretch);
        }
    }

    internal readonly record struct Stretch(OutputStream Stream, long Offset, long Count, DateTimeOffset Time)
    {
        internal long End => Offset + Count;
    }
}
