namespace Dispatch.Engine.Timers;

/// <summary>Something that the clock will wake once. Owned by the heap that it is in.</summary>
internal sealed class Deadline(Action expired)
{
    /// <summary>Where it is in the heap; -1 when it isn't.</summary>
    public int Position { get; set; } = -1;

    public DateTimeOffset Due { get; set; }

    /// <summary>Called on a thread of the pool when it is due. It is out of the heap by then.</summary>
    public Action Expired { get; } = expired;
}
