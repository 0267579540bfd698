namespace Dispatch.Simulation.Time;

/// <summary>Virtual time: what is to happen, in order. Two things at one moment happen in the order in which they were asked for.</summary>
internal sealed class Timeline
{
    private readonly PriorityQueue<Action, (long At, long Number)> due = new();
    private long number;

    public TimeSpan Now { get; private set; }

    public long Steps { get; private set; }

    public void At(TimeSpan at, Action action) => due.Enqueue(action, ((at > Now ? at : Now).Ticks, ++number));

    /// <summary>Lets the next thing happen; false where nothing is to come.</summary>
    public bool Step()
    {
        if (!due.TryDequeue(out var action, out var when)) return false;
        Now = TimeSpan.FromTicks(when.At);
        Steps++;
        action();
        return true;
    }
}
