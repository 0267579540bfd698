using Dispatch.Engine.Matching;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Engine.Tests.Matching;

public class MatchingQueueTests
{
    private static readonly Poller Worker = new("worker", "process", IsSticky: false);
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task Tasks_that_waited_come_by_priority_and_then_in_their_order()
    {
        var queue = new MatchingQueue(clock);
        var tasks = new[] { Task(5), Task(0), Task(1), Task(3), Task(1) };
        foreach (var task in tasks)
        {
            queue.Offer(task);
        }

        var taken = new List<QueuedTask>();
        while (await queue.TakeAsync(Worker, TimeSpan.Zero, default) is { } task)
        {
            taken.Add(task);
        }

        Assert.Equal([tasks[2], tasks[4], tasks[1], tasks[3], tasks[0]], taken);
    }

    [Fact]
    public async Task Tasks_are_handed_out_no_faster_than_the_worker_that_asked_last_wants()
    {
        var queue = new MatchingQueue(clock);
        Assert.Equal(TimeSpan.Zero, queue.Reserve(Hold));
        await queue.TakeAsync(Worker with { TasksPerSecond = 2 }, TimeSpan.Zero, default);

        Assert.Equal(
            [TimeSpan.Zero, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), null],
            new[] { queue.Reserve(Hold), queue.Reserve(Hold), queue.Reserve(Hold), queue.Reserve(TimeSpan.FromSeconds(1)) });

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(0.5), queue.Reserve(Hold));
        clock.Advance(Hold);
        Assert.Equal(TimeSpan.Zero, queue.Reserve(TimeSpan.Zero));
    }

    [Fact]
    public async Task No_tasks_a_second_are_next_to_none()
    {
        var queue = new MatchingQueue(clock);
        await queue.TakeAsync(Worker with { TasksPerSecond = 0 }, TimeSpan.Zero, default);

        Assert.Equal(TimeSpan.Zero, queue.Reserve(Hold));
        Assert.Null(queue.Reserve(Hold));
    }

    [Fact]
    public void A_backlog_is_as_old_as_its_oldest_task()
    {
        var queue = new MatchingQueue(clock);
        queue.Offer(Task(0));
        clock.Advance(TimeSpan.FromSeconds(3));
        queue.Offer(Task(1));
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(5), queue.BacklogAge);
    }

    [Fact]
    public async Task A_task_goes_to_the_worker_that_waits_longest()
    {
        var queue = new MatchingQueue(clock);
        var first = queue.TakeAsync(Worker, Hold, default).AsTask();
        var second = queue.TakeAsync(Worker, Hold, default).AsTask();
        var task = Task(0);
        queue.Offer(task);
        Assert.Same(task, await first);
        Assert.False(second.IsCompleted);
        clock.Advance(Hold);
        Assert.Null(await second);
    }

    [Fact]
    public async Task A_worker_that_goes_away_takes_nothing_with_it()
    {
        var queue = new MatchingQueue(clock);
        using var gone = new CancellationTokenSource();
        var poll = queue.TakeAsync(Worker, Hold, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
        var task = Task(0);
        queue.Offer(task);
        Assert.Same(task, await queue.TakeAsync(Worker, TimeSpan.Zero, default));
    }

    [Fact]
    public async Task No_task_is_lost_or_given_twice_however_polls_come_and_go()
    {
        const int count = 2_000;
        var queue = new MatchingQueue(TimeProvider.System);
        var taken = new System.Collections.Concurrent.ConcurrentBag<QueuedTask>();
        var tasks = Enumerable.Range(0, count).Select(_ => Task(0)).ToList();
        var workers = Enumerable.Range(0, 8).Select(seed => System.Threading.Tasks.Task.Run(async () =>
        {
            var chance = new Random(seed);
            while (taken.Count < count)
            {
                using var cancel = new CancellationTokenSource();
                var poll = queue.TakeAsync(Worker, TimeSpan.FromMilliseconds(chance.Next(1, 4)), cancel.Token).AsTask();
                if (chance.Next(3) == 0)
                {
                    await cancel.CancelAsync();
                }

                try
                {
                    if (await poll is { } task)
                    {
                        taken.Add(task);
                    }
                }
                catch (OperationCanceledException)
                {
                    continue;
                }
            }
        })).ToList();
        tasks.ForEach(queue.Offer);
        await System.Threading.Tasks.Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(count, taken.Distinct().Count());
        Assert.Equal(count, taken.Count);
    }

    [Fact]
    public async Task A_queue_whose_worker_has_stopped_gives_back_what_waited_in_it()
    {
        var queue = new MatchingQueue(clock);
        Assert.False(queue.HasPoller(MatchingQueue.PollerLookBack));
        await queue.TakeAsync(Worker with { IsSticky = true }, TimeSpan.Zero, default);
        Assert.True(queue.HasPoller(MatchingQueue.PollerLookBack));
        var task = Task(0);
        queue.Offer(task);
        Assert.Equal([task], queue.Refuse());
        Assert.False(queue.HasPoller(MatchingQueue.PollerLookBack));
    }

    [Fact]
    public async Task Only_so_many_pollers_are_remembered()
    {
        var queue = new MatchingQueue(clock);
        for (var i = 0; i < MatchingQueue.PollersMax + 5; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            await queue.TakeAsync(new Poller($"worker {i}", "", IsSticky: false), TimeSpan.Zero, default);
        }

        var pollers = queue.Pollers();
        Assert.Equal(MatchingQueue.PollersMax, pollers.Count);
        Assert.DoesNotContain(pollers, poller => poller.Identity == "worker 0");
    }

    private static QueuedTask.Workflow Task(int priority) => new(null!, "run", 1, priority);
}
