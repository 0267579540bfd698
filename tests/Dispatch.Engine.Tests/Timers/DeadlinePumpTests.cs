using System.Collections.Concurrent;
using Dispatch.Engine.Timers;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Engine.Tests.Timers;

public sealed class DeadlinePumpTests : IDisposable
{
    /// <summary>Milliseconds by which the clock goes on until a due deadline wakes: more than the pump's resolution, less than the distance of two deadlines.</summary>
    private const int LateMost = 100;

    private readonly FakeTimeProvider clock = new();
    private readonly DeadlinePump pump;
    private readonly ConcurrentQueue<int> woken = new();

    public DeadlinePumpTests() => pump = new DeadlinePump(clock);

    public void Dispose() => pump.Dispose();

    [Fact]
    public async Task Deadlines_wake_when_they_are_due_and_not_before()
    {
        var chance = new Random(7);
        var seconds = Enumerable.Range(1, 200).OrderBy(_ => chance.Next()).ToList();
        foreach (var second in seconds)
        {
            Add(second, second);
        }

        var start = clock.GetUtcNow();
        for (var second = 1; second <= 200; second++)
        {
            clock.SetUtcNow(start.AddSeconds(second - 0.5));
            Assert.Equal(second - 1, woken.Count);
            clock.SetUtcNow(start.AddSeconds(second));
            await WokenAsync(second);
            Assert.Equal(second, woken.Last());
        }
    }

    [Fact]
    public async Task A_moved_deadline_wakes_at_its_new_time_and_a_forgotten_one_never()
    {
        var start = clock.GetUtcNow();
        var later = Add(1, 1);
        var sooner = Add(2, 10);
        var never = Add(3, 2);
        pump.Set(later, start.AddSeconds(5));
        pump.Set(sooner, start.AddSeconds(3));
        pump.Set(never, null);
        clock.Advance(TimeSpan.FromSeconds(4));
        await WokenAsync(1);
        Assert.Equal([2], woken);
        clock.Advance(TimeSpan.FromSeconds(20));
        await WokenAsync(2);
        Assert.Equal([2, 1], woken);
    }

    private Deadline Add(int name, double seconds)
    {
        var deadline = new Deadline(() => woken.Enqueue(name));
        pump.Set(deadline, clock.GetUtcNow().AddSeconds(seconds));
        return deadline;
    }

    /// <summary>Waits until so many were woken: the pump may be late by its resolution, and who is woken runs on threads of the pool.</summary>
    private async Task WokenAsync(int count)
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(20);
        for (var late = 0; woken.Count < count && TimeProvider.System.GetUtcNow() < deadline; late++)
        {
            if (late < LateMost) clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        Assert.Equal(count, woken.Count);
    }
}
