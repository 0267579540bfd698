using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>
/// One decision about one run in the making: the state as it will be, the events and effects so far. Rules take it and add to it; nothing
/// outside changes until <see cref="Seal"/> has made a transaction of it and that is committed.
/// </summary>
internal sealed class Decision
{
    private readonly RunState before;
    private readonly bool isNew;
    private readonly List<HistoryEvent> events = [];
    private readonly List<Effect> effects = [];

    public Decision(RunState state, DateTimeOffset now, IIdSource ids, bool isNew = false)
    {
        before = state;
        State = state;
        Now = now;
        Ids = ids;
        this.isNew = isNew;
    }

    public RunState State { get; set; }

    public DateTimeOffset Now { get; }

    public IIdSource Ids { get; }

    /// <summary>How long the namespace keeps closed runs.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The run that continues this one, begun by the same decision.</summary>
    public Decision? Successor { get; set; }

    /// <summary>True for decisions about updates and queries alone: they leave a speculative task as it is.</summary>
    public bool IsVolatile { get; set; }

    public bool HasEvents => events.Count > 0;

    /// <summary>Writes an event, or buffers it while a workflow task is started. Sets its id, type and, when it has none, its time.</summary>
    public HistoryEvent Add(HistoryEvent happened)
    {
        happened.EventType = EventTypes.Of(happened);
        happened.EventTime ??= Now.ToProto();
        if (State.Task is { IsStarted: true } && EventTypes.IsBuffered(happened.EventType))
        {
            happened.EventId = -(State.LastBufferedId + 1);
            State = State with { Buffered = State.Buffered.Add(happened), LastBufferedId = State.LastBufferedId + 1 };
            return happened;
        }

        happened.EventId = State.NextEventId;
        State = State with { NextEventId = State.NextEventId + 1 };
        events.Add(happened);
        return happened;
    }

    public void Do(Effect effect) => effects.Add(effect);

    /// <summary>The events of a run that begins with this decision.</summary>
    public IReadOnlyList<HistoryEvent> NewEvents => events;

    /// <summary>Takes back effects of a kind that something else in this decision has made needless.</summary>
    public void Withdraw<T>()
        where T : Effect => effects.RemoveAll(effect => effect is T);

    /// <summary>A point to come back to when a completion turns out bad.</summary>
    public (RunState State, int Events, int Effects) Mark() => (State, events.Count, effects.Count);

    public void ReturnTo((RunState State, int Events, int Effects) mark)
    {
        State = mark.State;
        events.RemoveRange(mark.Events, events.Count - mark.Events);
        effects.RemoveRange(mark.Effects, effects.Count - mark.Effects);
        Successor = null;
    }

    /// <summary>Writes the buffered events: the order of arrival, with closes of activities and children behind all others.</summary>
    /// <returns>True when there were any.</returns>
    public bool Flush()
    {
        var buffered = State.Buffered;
        if (buffered.IsEmpty)
        {
            return false;
        }

        State = State with { Buffered = [] };
        var ids = new Dictionary<long, long>();
        foreach (var happened in buffered.Where(e => !EventTypes.IsCompletion(e.EventType))
            .Concat(buffered.Where(e => EventTypes.IsCompletion(e.EventType))))
        {
            var written = happened.Clone();
            StartedReferences.Rewrite(written, ids);
            written.EventId = State.NextEventId;
            ids[happened.EventId] = written.EventId;
            State = State with { NextEventId = State.NextEventId + 1 };
            events.Add(written);
            if (written.WorkflowExecutionOptionsUpdatedEventAttributes?.AttachedRequestId is { Length: > 0 } requestId)
            {
                State = State with { RequestIds = State.RequestIds.SetItem(requestId, new RequestIdState(written.EventType, written.EventId)) };
            }
        }

        State = State with { Children = StartedReferences.Rewrite(State.Children, ids) };
        return true;
    }

    /// <summary>Closes the books: what this decision does to its run, and to the run that continues it.</summary>
    public IEnumerable<RunWrite> Seal()
    {
        EnforceLimits();
        if (!IsVolatile && !ReferenceEquals(State, before) && HadSpeculativeTask())
        {
            WorkflowTasks.Materialise(this); // a durable change came: it becomes a normal one
        }

        if (events.Count > 0)
        {
            State = State with { HistoryBytes = State.HistoryBytes + events.Sum(written => (long)written.CalculateSize()) };
        }

        if (isNew || events.Count > 0 || effects.Count > 0 || !ReferenceEquals(State, before))
        {
            yield return new RunWrite(State, events, effects, isNew);
        }

        if (Successor is not null)
        {
            foreach (var write in Successor.Seal())
            {
                yield return write;
            }
        }
    }

    private void EnforceLimits()
    {
        if (!State.IsOpen)
        {
            return;
        }

        if (State.Buffered.Count > HistoryLimits.BufferedEventsMax)
        {
            WorkflowTasks.Fail(this, WorkflowTaskFailedCause.ForceCloseCommand, null, Closing.EngineIdentity, isForced: true);
        }

        if (State.EventCount > HistoryLimits.HistoryEventsMax || State.HistoryBytes > HistoryLimits.HistoryBytesMax)
        {
            Closing.Terminate(this, "Workflow history size or count exceeds limit.", Closing.EngineIdentity);
        }
    }

    /// <summary>A durable change came while a speculative task was pending.</summary>
    private bool HadSpeculativeTask() =>
        State is { IsOpen: true, Task: { Kind: WorkflowTaskKind.Speculative } task } && before.Task?.Serial == task.Serial;
}
