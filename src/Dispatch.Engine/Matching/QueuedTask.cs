using Dispatch.Engine.Runs;

namespace Dispatch.Engine.Matching;

/// <summary>Something that waits in a queue for a worker to ask for it.</summary>
internal abstract class QueuedTask
{
    private const int DefaultPriority = 3;

    /// <summary>1 goes first; tasks without a priority are 3.</summary>
    public int PriorityKey { get; private init; } = DefaultPriority;

    /// <summary>Its place among equals; 0 until it was offered.</summary>
    public long Sequence { get; set; }

    /// <summary>When it was first offered.</summary>
    public DateTimeOffset OfferedTime { get; set; }

    /// <summary>A workflow task of a run.</summary>
    public sealed class Workflow(WorkflowSlot slot, string runId, long serial, int priorityKey) : QueuedTask(priorityKey)
    {
        public WorkflowSlot Slot { get; } = slot;

        public string RunId { get; } = runId;

        public long Serial { get; } = serial;

        /// <summary>The same for another queue, where it takes its place anew.</summary>
        public Workflow Again() => new(Slot, RunId, Serial, PriorityKey);
    }

    /// <summary>An attempt of an activity.</summary>
    public sealed class Activity(WorkflowSlot slot, string runId, long scheduledEventId, int stamp, int priorityKey) : QueuedTask(priorityKey)
    {
        public WorkflowSlot Slot { get; } = slot;

        public string RunId { get; } = runId;

        public long ScheduledEventId { get; } = scheduledEventId;

        public int Stamp { get; } = stamp;
    }

    /// <summary>A query that is asked by itself.</summary>
    public sealed class Query(DirectQuery query, bool isSticky) : QueuedTask(0)
    {
        public DirectQuery Asked { get; } = query;

        public bool IsSticky { get; } = isSticky;
    }

    private QueuedTask(int priorityKey) => PriorityKey = priorityKey > 0 ? priorityKey : DefaultPriority;
}
