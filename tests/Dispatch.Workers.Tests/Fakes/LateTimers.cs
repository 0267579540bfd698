using System.Collections.Concurrent;
using Dispatch.Runtimes.Host;

namespace Dispatch.Workers.Tests.Fakes;

/// <summary>The boot clock with timers that may go off once more after they were disposed, as those of the system do when their callback waits for a thread just then.</summary>
internal sealed class LateTimers : TimeProvider
{
    private readonly ConcurrentQueue<Action> _late = new();

    public override long TimestampFrequency => BootClock.Instance.TimestampFrequency;

    public override long GetTimestamp() => BootClock.Instance.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => BootClock.Instance.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Late(BootClock.Instance.CreateTimer(callback, state, dueTime, period), () => _late.Enqueue(() => callback(state)));

    /// <summary>Lets every timer that was disposed so far go off; how many there were.</summary>
    internal int GoOff()
    {
        var count = 0;
        for (; _late.TryDequeue(out var callback); count++)
            callback();
        return count;
    }

    private sealed class Late(ITimer timer, Action disposed) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            timer.Dispose();
            disposed();
        }

        public async ValueTask DisposeAsync()
        {
            await timer.DisposeAsync();
            disposed();
        }
    }
}
