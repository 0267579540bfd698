using Dispatch.Engine.History;

namespace Dispatch.Engine.Runs;

/// <summary>One look at the runs of a workflow id, under the slot's lock, with the decisions that come of it.</summary>
internal sealed class Turn(WorkflowSlot slot, DateTimeOffset now, IIdSource ids, TimeSpan retention)
{
    private readonly List<Decision> decisions = [];

    public DateTimeOffset Now { get; } = now;

    public IIdSource Ids { get; } = ids;

    /// <summary>The latest run; null when there has been none.</summary>
    public Run? Current => slot.Current;

    public Run? Find(string runId) => runId.Length == 0 ? slot.Current : slot.Find(runId);

    /// <summary>The run that a request names; the latest one when it names none.</summary>
    /// <exception cref="Frontend.EngineException">There is no such run.</exception>
    public Run Require(string runId) => Find(runId) ?? throw Refusals.NoWorkflow(slot.Key.WorkflowId, runId);

    /// <summary>Begins a decision about a run. It takes effect when the turn ends, together with the others.</summary>
    public Decision Decide(Run run)
    {
        var decision = new Decision(run.State, Now, Ids) { Retention = retention };
        decisions.Add(decision);
        return decision;
    }

    /// <summary>Begins a new run, which becomes the current one.</summary>
    public Decision Begin(RunStart start)
    {
        var decision = Starting.Begin(start, Now, Ids, retention);
        decisions.Add(decision);
        return decision;
    }

    public IReadOnlyList<RunWrite> Seal() => decisions.Count == 0 ? [] : [.. decisions.SelectMany(decision => decision.Seal())];
}
