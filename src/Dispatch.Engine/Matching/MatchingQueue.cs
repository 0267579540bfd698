namespace Dispatch.Engine.Matching;

/// <summary>One queue: workers that wait for tasks, or tasks that wait for workers, never both.</summary>
internal sealed class MatchingQueue(TimeProvider clock)
{
    /// <summary>A sticky queue that nobody has asked for so long is not used.</summary>
    public static readonly TimeSpan PollerLookBack = TimeSpan.FromSeconds(10);

    /// <summary>Pollers are remembered so long.</summary>
    public static readonly TimeSpan PollerMemory = TimeSpan.FromMinutes(5);

    /// <summary>Most identities that are remembered; the one that asked longest ago is forgotten first.</summary>
    public const int PollersMax = 1_000;

    /// <summary>A lower rate, or none at all, means about one task in so many seconds.</summary>
    private const double RateMin = 0.001;

    private readonly Lock gate = new();
    private readonly LinkedList<Waiter> waiters = new();
    private readonly PriorityQueue<QueuedTask, (int Priority, long Sequence)> backlog = new();
    private readonly Dictionary<string, Poller> pollers = [];
    private long lastSequence;
    private DateTimeOffset lastPoll = DateTimeOffset.MinValue;
    private double? tasksPerSecond;
    private DateTimeOffset nextFree = DateTimeOffset.MinValue;
    private bool isRefused;
    private bool isSticky;

    /// <summary>Nobody has waited here lately, and nothing does; what waits in a sticky queue by then is void.</summary>
    public bool IsIdle
    {
        get
        {
            lock (gate)
            {
                return waiters.Count == 0 && (backlog.Count == 0 || isSticky) && clock.GetUtcNow() - lastPoll > PollerMemory;
            }
        }
    }

    /// <summary>Tasks that wait.</summary>
    public int BacklogCount
    {
        get
        {
            lock (gate)
            {
                return backlog.Count;
            }
        }
    }

    /// <summary>How long the task that has waited longest has waited.</summary>
    public TimeSpan BacklogAge
    {
        get
        {
            lock (gate)
            {
                return backlog.Count == 0 ? TimeSpan.Zero : clock.GetUtcNow() - backlog.UnorderedItems.Min(item => item.Element.OfferedTime);
            }
        }
    }

    /// <summary>Takes a place among the tasks of a second, when the worker that asked last wants only so many.</summary>
    /// <param name="rest">A place that comes later than this isn't taken.</param>
    /// <returns>How long the task must wait for its place; null when that is too long.</returns>
    public TimeSpan? Reserve(TimeSpan rest)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var wait = tasksPerSecond is null || nextFree <= now ? TimeSpan.Zero : nextFree - now;
            if (wait > rest)
            {
                return null;
            }

            nextFree = tasksPerSecond is { } rate ? now + wait + TimeSpan.FromSeconds(1 / Math.Max(rate, RateMin)) : now;
            return wait;
        }
    }

    /// <summary>Somebody waits here or has asked within the time.</summary>
    public bool HasPoller(TimeSpan lookBack)
    {
        lock (gate)
        {
            return !isRefused && (waiters.Count > 0 || clock.GetUtcNow() - lastPoll <= lookBack);
        }
    }

    /// <summary>Gives a task to whoever waits longest, else keeps it.</summary>
    public void Offer(QueuedTask task)
    {
        lock (gate)
        {
            if (task.Sequence == 0)
            {
                task.Sequence = ++lastSequence;
                task.OfferedTime = clock.GetUtcNow();
            }

            while (waiters.First is { } first)
            {
                waiters.RemoveFirst();
                if (first.Value.TrySetResult(task))
                {
                    return;
                }
            }

            backlog.Enqueue(task, (task.PriorityKey, task.Sequence));
        }
    }

    /// <summary>Takes the next task, or waits for one.</summary>
    /// <param name="poller">Who asks.</param>
    /// <param name="hold">How long to wait at most.</param>
    /// <param name="cancellationToken">The caller goes away: a task that was just given to it goes back to its place.</param>
    /// <returns>The task; null when the time is over.</returns>
    public async ValueTask<QueuedTask?> TakeAsync(Poller poller, TimeSpan hold, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (gate)
        {
            Remember(poller);
            if (backlog.TryDequeue(out var ready, out _))
            {
                return ready;
            }

            if (hold <= TimeSpan.Zero)
            {
                return null;
            }

            waiter = new Waiter(poller);
            waiters.AddLast(waiter.Node);
        }

        using var timer = clock.CreateTimer(GiveUp, waiter, hold, Timeout.InfiniteTimeSpan);
        using var registration = cancellationToken.UnsafeRegister(state => GiveUp(state), waiter);
        var task = await waiter.Task.ConfigureAwait(false);
        if (task is not null && cancellationToken.IsCancellationRequested)
        {
            Offer(task);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (task is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        lock (gate)
        {
            lastPoll = clock.GetUtcNow();
        }

        return task;
    }

    /// <summary>The worker of this sticky queue stops: nothing is put here any more.</summary>
    /// <returns>What waited here.</returns>
    public IReadOnlyList<QueuedTask> Refuse()
    {
        lock (gate)
        {
            isRefused = true;
            QueuedTask[] waiting = [.. backlog.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)];
            backlog.Clear();
            return waiting;
        }
    }

    /// <summary>Ends the polls of a worker's process with nothing.</summary>
    public void Release(string instanceKey)
    {
        lock (gate)
        {
            for (var node = waiters.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Poller.InstanceKey == instanceKey)
                {
                    waiters.Remove(node);
                    node.Value.TrySetResult(null);
                }

                node = next;
            }
        }
    }

    /// <summary>Those that asked lately.</summary>
    public IReadOnlyList<Poller> Pollers()
    {
        lock (gate)
        {
            var since = clock.GetUtcNow() - PollerMemory;
            return [.. pollers.Values.Where(poller => poller.LastAccess >= since)];
        }
    }

    private void Remember(Poller poller)
    {
        lastPoll = clock.GetUtcNow();
        isRefused = false;
        isSticky = poller.IsSticky;
        tasksPerSecond = poller.TasksPerSecond ?? tasksPerSecond;
        pollers[poller.Identity] = poller with { LastAccess = lastPoll };
        if (pollers.Count > PollersMax)
        {
            pollers.Remove(pollers.MinBy(known => known.Value.LastAccess).Key);
        }
    }

    private void GiveUp(object? state)
    {
        var waiter = (Waiter)state!;
        lock (gate)
        {
            if (waiter.Node.List is not null)
            {
                waiters.Remove(waiter.Node);
            }
        }

        waiter.TrySetResult(null);
    }

    private sealed class Waiter : TaskCompletionSource<QueuedTask?>
    {
        public Waiter(Poller poller)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            Poller = poller;
            Node = new LinkedListNode<Waiter>(this);
        }

        public Poller Poller { get; }

        public LinkedListNode<Waiter> Node { get; }
    }
}
