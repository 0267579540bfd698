using System.Collections.Concurrent;
using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Dispatch.Engine.Journal;
using Dispatch.Engine.Matching;
using Dispatch.Engine.Timers;
using Dispatch.Engine.Visibility;
using Microsoft.Extensions.Logging;

namespace Dispatch.Engine.Runs;

/// <summary>The runs of all workflow ids, and what they share: clock, journal, timers, queues, and those that wait for answers.</summary>
internal sealed partial class RunEngine : IDisposable
{
    private readonly EngineServices services;
    private readonly ConcurrentDictionary<WorkflowKey, WorkflowSlot> slots = new();
    private readonly ConcurrentQueue<(WorkflowSlot Slot, Run Run)> closed = new();
    private readonly ILogger logger;

    public RunEngine(EngineServices services, IJournal journal, IIdSource ids)
    {
        this.services = services;
        Journal = journal;
        Ids = ids;
        Pump = new DeadlinePump(services.Clock);
        Queues = new TaskQueues(services.Clock);
        Effects = new EffectRunner(this);
        logger = services.Options.LoggerFactory.CreateLogger<RunEngine>();
    }

    public IJournal Journal { get; }

    public IIdSource Ids { get; }

    public DeadlinePump Pump { get; }

    public TaskQueues Queues { get; }

    public EffectRunner Effects { get; }

    public UpdateWaiters Updates { get; } = new();

    public QueryWaiters Queries { get; } = new();

    public TimeProvider Clock => services.Clock;

    public IVisibilityStore Visibility => services.Visibility;

    public static WorkflowKey Key(NamespaceRecord record, string workflowId) => new(record.Id, record.Name, workflowId);

    /// <summary>The slot of a workflow id, made when there is none.</summary>
    public WorkflowSlot Slot(WorkflowKey key) => slots.GetOrAdd(key, static (key, engine) => new WorkflowSlot(key, engine), this);

    public WorkflowSlot? FindSlot(WorkflowKey key) => slots.GetValueOrDefault(key);

    /// <exception cref="EngineException">Nothing is known of the workflow id.</exception>
    public WorkflowSlot RequireSlot(WorkflowKey key, string runId) =>
        FindSlot(key) ?? throw Refusals.NoWorkflow(key.WorkflowId, runId);

    /// <summary>The slot of the run that a task belongs to.</summary>
    /// <exception cref="EngineException">The namespace or the workflow id is gone.</exception>
    public WorkflowSlot RequireSlot(TaskToken token)
    {
        var record = services.Namespaces.FindById(token.NamespaceId) ?? throw NamespaceRegistry.Missing(token.NamespaceId);
        return RequireSlot(Key(record, token.WorkflowId), token.RunId);
    }

    public Turn NewTurn(WorkflowSlot slot) =>
        new(slot, services.Clock.GetUtcNow(), Ids, services.Namespaces.Find(slot.Key.Namespace)?.Retention ?? TimeSpan.FromDays(1));

    public DecisionRules RulesFor(WorkflowKey key) => new(
        given => services.SearchAttributes.Checked(key.Namespace, given),
        name => services.Namespaces.Find(name)?.Id);

    /// <summary>When the clock will next do something with a run: change it while it is open, forget it once it has been closed long enough.</summary>
    public DateTimeOffset? NextDeadline(RunState state) => state.IsOpen
        ? Deadlines.Next(state)
        : state.DeletionDue ?? state.CloseTime?.After(services.Namespaces.Find(state.Key.Namespace)?.Retention ?? TimeSpan.FromDays(1));

    /// <summary>A run has closed. When there are too many of those, the one that closed first is forgotten.</summary>
    public void OnClosed(WorkflowSlot slot, Run run)
    {
        closed.Enqueue((slot, run));
        if (closed.Count > services.Options.ClosedRunsMax && closed.TryDequeue(out var oldest))
        {
            Detach(async () => await oldest.Slot.ForgetAsync(oldest.Run).ConfigureAwait(false));
        }
    }

    /// <summary>A closed run's time is over.</summary>
    public void OnForgotten(WorkflowSlot slot, RunState state, bool isLast)
    {
        if (isLast)
        {
            slots.TryRemove(KeyValuePair.Create(slot.Key, slot));
        }

        Visibility.Remove(state.Key.Namespace, state.RunId);
    }

    /// <summary>Does something that nobody waits for.</summary>
    public void Detach(Func<Task> work) => ThreadPool.UnsafeQueueUserWorkItem(
        async _ =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Nobody waits for this work: whatever goes wrong in it can only be told to the log.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure);
            }
        },
        null);

    public void Dispose() => Pump.Dispose();

    [LoggerMessage(EventId = 3100, Level = LogLevel.Error, Message = "Work that nobody waits for has failed")]
    private partial void LogFailed(Exception failure);
}
