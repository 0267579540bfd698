using Temporalio.Api.History.V1;

namespace Dispatch.Engine.Runs;

/// <summary>
/// A run's events and where their batches end. One writer at a time appends; a <see cref="Snapshot"/> can be read by anybody and stays as it is.
/// </summary>
internal sealed class HistoryLog
{
    private HistoryEvent[] events = new HistoryEvent[8];
    private int[] batchEnds = new int[4];
    private int eventCount;
    private int batchCount;

    public void Append(IReadOnlyList<HistoryEvent> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var total = eventCount + batch.Count;
        if (total > events.Length)
        {
            Array.Resize(ref events, Math.Max(total, events.Length * 2));
        }

        for (var i = 0; i < batch.Count; i++)
        {
            events[eventCount + i] = batch[i];
        }

        if (batchCount == batchEnds.Length)
        {
            Array.Resize(ref batchEnds, batchCount * 2);
        }

        batchEnds[batchCount] = total;
        (eventCount, batchCount) = (total, batchCount + 1);
    }

    /// <summary>The events of a run that isn't committed yet.</summary>
    public static Snapshot Of(IReadOnlyList<HistoryEvent> events) => new(events.ToArray(), new[] { events.Count });

    /// <summary>What there is now. Taken under the writer's lock.</summary>
    public Snapshot Read() => new(events.AsMemory(0, eventCount), batchEnds.AsMemory(0, batchCount));

    /// <summary>The events of a moment, in batches.</summary>
    internal readonly record struct Snapshot(ReadOnlyMemory<HistoryEvent> Events, ReadOnlyMemory<int> BatchEnds)
    {
        /// <summary>Events with ids from <paramref name="firstEventId"/> on.</summary>
        public ReadOnlySpan<HistoryEvent> From(long firstEventId) =>
            firstEventId > Events.Length ? default : Events.Span[(int)Math.Max(0, firstEventId - 1)..];
    }
}
