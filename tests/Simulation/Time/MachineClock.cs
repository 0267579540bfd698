namespace Dispatch.Simulation.Time;

/// <summary>A process's clocks, as the platform's code reads them.</summary>
internal sealed class MachineClock(Process process) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => process.Machine.Wall;

    public override long GetTimestamp() => process.Machine.Boot.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(process, callback, state, dueTime);

    private sealed class Timer : ITimer
    {
        private readonly Process process;
        private readonly TimerCallback callback;
        private readonly object? state;
        private int armed;

        public Timer(Process process, TimerCallback callback, object? state, TimeSpan due)
        {
            (this.process, this.callback, this.state) = (process, callback, state);
            Change(due, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++armed;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                process.After(dueTime, () =>
                {
                    if (mine == armed) callback(state);
                });
            }

            return true;
        }

        public void Dispose() => armed++;

        public ValueTask DisposeAsync()
        {
            armed++;
            return ValueTask.CompletedTask;
        }
    }
}
