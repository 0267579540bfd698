using Dispatch.Engine.History;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Tests.History;

/// <summary>One run under the rules alone: no server, no threads, time by hand.</summary>
internal sealed class ScriptedRun
{
    public static readonly WorkflowKey Key = new("namespace-id", "default", "workflow");

    private static readonly DecisionRules Rules = new(given => given, name => name == "default" ? "namespace-id" : null);

    private readonly CountedIds ids = new();

    public ScriptedRun(Action<WorkflowExecutionStartedEventAttributes>? change = null, TimeSpan backoff = default)
    {
        var attributes = new WorkflowExecutionStartedEventAttributes
        {
            WorkflowType = new WorkflowType { Name = "Flow" },
            TaskQueue = Starting.Queue("queue"),
            WorkflowTaskTimeout = TimeSpan.FromSeconds(10).ToProto(),
        };
        change?.Invoke(attributes);
        var begun = Starting.Begin(
            new RunStart { Key = Key, RunId = ids.NewId(), RequestId = "start", Attributes = attributes, Backoff = backoff },
            Now,
            ids,
            TimeSpan.FromDays(1));
        Starting.Launch(begun);
        State = begun.State;
        Commit(begun);
    }

    public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public RunState State { get; private set; }

    public List<HistoryEvent> Events { get; } = [];

    /// <summary>All effects so far, in order.</summary>
    public List<Effect> Effects { get; } = [];

    public RunState? Successor { get; private set; }

    /// <summary>The types of the events so far, without the words that they all share.</summary>
    public string Story => string.Join(" ", Events.Select(happened => happened.EventType switch
    {
        EventType.WorkflowExecutionStarted => "Started",
        EventType.WorkflowTaskScheduled => "S",
        EventType.WorkflowTaskStarted => "St",
        EventType.WorkflowTaskCompleted => "C",
        EventType.WorkflowTaskFailed => "F",
        EventType.WorkflowTaskTimedOut => "TO",
        var other => other.ToString().Replace("WorkflowExecution", "", StringComparison.Ordinal).Replace("Task", "", StringComparison.Ordinal),
    }));

    public T Decide<T>(Func<Decision, T> rule)
    {
        var decision = new Decision(State, Now, ids);
        var result = rule(decision);
        Commit(decision);
        return result;
    }

    public void Decide(Action<Decision> rule) => Decide(decision =>
    {
        rule(decision);
        return true;
    });

    public bool TakeTask(bool isSticky = false) =>
        State.Task is { } task && Decide(decision => WorkflowTasks.Start(decision, task.Serial, ids.NewId(), "worker", isSticky));

    public CompletionOutcome Complete(params Command[] commands) => Complete(_ => { }, commands);

    public CompletionOutcome Complete(Action<RespondWorkflowTaskCompletedRequest> change, params Command[] commands)
    {
        var request = new RespondWorkflowTaskCompletedRequest { Identity = "worker", Commands = { commands } };
        change(request);
        return Decide(decision => Completions.Complete(decision, Rules, Token(), request));
    }

    public void FailTask() => Decide(decision => Completions.Fail(
        decision,
        Token(),
        new RespondWorkflowTaskFailedRequest { Cause = WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure }));

    public void Signal(string name = "signal", string requestId = "") => Decide(decision => External.Signal(
        decision, new WorkflowExecutionSignaledEventAttributes { SignalName = name, RequestId = requestId }, []));

    public void Update(string id) => Decide(decision => Updates.Admit(
        decision, new Request { Meta = new Meta { UpdateId = id }, Input = new Input { Name = "update" } }));

    /// <summary>Lets time pass and does what falls due.</summary>
    public void Wait(double seconds)
    {
        Now += TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
        Decide(Deadlines.Fire);
    }

    public TaskToken Token() => new(
        Key.NamespaceId, Key.WorkflowId, State.RunId, 0, State.Task?.StartedEventId ?? 0, State.Task?.Serial ?? 0, 0);

    public ActivityState StartActivity(string id)
    {
        var activity = State.FindActivity(id)!;
        return Decide(decision => Activities.Start(decision, activity.ScheduledEventId, activity.Stamp, ids.NewId(), "worker"))!;
    }

    public static void Sticky(RespondWorkflowTaskCompletedRequest request) => request.StickyAttributes = new StickyExecutionAttributes
    {
        WorkerTaskQueue = new TaskQueue { Name = "sticky", Kind = TaskQueueKind.Sticky },
        ScheduleToStartTimeout = TimeSpan.FromSeconds(5).ToProto(),
    };

    private void Commit(Decision decision)
    {
        foreach (var write in decision.Seal())
        {
            if (write.State.RunId == State.RunId)
            {
                State = write.State;
                Events.AddRange(write.Events);
            }
            else
            {
                Successor = write.State;
            }

            Effects.AddRange(write.Effects);
        }
    }

    private sealed class CountedIds : IIdSource
    {
        private int last;

        public string NewId() => $"id-{++last}";
    }
}
