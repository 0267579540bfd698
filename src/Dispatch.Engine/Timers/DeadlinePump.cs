namespace Dispatch.Engine.Timers;

/// <summary>One heap of deadlines on one clock: wakes each when it is due, moves and forgets them in logarithmic time.</summary>
internal sealed class DeadlinePump : IDisposable
{
    /// <summary>Timers count whole milliseconds: so much more, and waking early doesn't spin.</summary>
    private static readonly TimeSpan HalfMillisecond = TimeSpan.FromMilliseconds(0.5);

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(20);

    /// <summary>Deadlines that fall so close together are woken together.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly List<Deadline> heap = [];
    private DateTimeOffset armedFor = DateTimeOffset.MaxValue;
    private bool disposed;

    public DeadlinePump(TimeProvider clock)
    {
        this.clock = clock;
        timer = clock.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets, moves or (null) forgets a deadline.</summary>
    public void Set(Deadline deadline, DateTimeOffset? due)
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            if (due is not { } instant)
            {
                Remove(deadline);
                return;
            }

            if (deadline.Position >= 0 && deadline.Due == instant)
            {
                return;
            }

            deadline.Due = instant;
            if (deadline.Position < 0)
            {
                deadline.Position = heap.Count;
                heap.Add(deadline);
            }

            Settle(deadline.Position);
            Arm();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            heap.Clear();
        }

        timer.Dispose();
    }

    private void Pump()
    {
        while (true)
        {
            Deadline first;
            lock (gate)
            {
                armedFor = DateTimeOffset.MaxValue;
                if (disposed || heap.Count == 0)
                {
                    return;
                }

                first = heap[0];
                if (first.Due > clock.GetUtcNow())
                {
                    Arm();
                    return;
                }

                Remove(first);
            }

            ThreadPool.UnsafeQueueUserWorkItem(static deadline => deadline.Expired(), first, preferLocal: false);
        }
    }

    private void Arm()
    {
        var due = heap[0].Due;
        if (due >= armedFor)
        {
            return;
        }

        armedFor = due;
        var wait = due - clock.GetUtcNow();
        timer.Change(wait < Resolution ? Resolution : wait < LongestWait ? wait + HalfMillisecond : LongestWait, Timeout.InfiniteTimeSpan);
    }

    private void Remove(Deadline deadline)
    {
        var position = deadline.Position;
        if (position < 0)
        {
            return;
        }

        deadline.Position = -1;
        var last = heap[^1];
        heap.RemoveAt(heap.Count - 1);
        if (!ReferenceEquals(last, deadline))
        {
            heap[position] = last;
            last.Position = position;
            Settle(position);
        }
    }

    private void Settle(int position)
    {
        while (position > 0 && heap[position].Due < heap[(position - 1) / 2].Due)
        {
            Swap(position, (position - 1) / 2);
            position = (position - 1) / 2;
        }

        while (true)
        {
            var child = 2 * position + 1;
            if (child + 1 < heap.Count && heap[child + 1].Due < heap[child].Due)
            {
                child++;
            }

            if (child >= heap.Count || heap[child].Due >= heap[position].Due)
            {
                return;
            }

            Swap(position, child);
            position = child;
        }
    }

    private void Swap(int left, int right)
    {
        (heap[left], heap[right]) = (heap[right], heap[left]);
        heap[left].Position = left;
        heap[right].Position = right;
    }
}
