using Dispatch.Engine.History;
using Dispatch.Engine.Timers;

namespace Dispatch.Engine.Runs;

/// <summary>A run as it is now. Everything here is guarded by its slot's lock.</summary>
internal sealed class Run
{
    private TaskCompletionSource? changed;

    public Run(RunState state, WorkflowSlot slot)
    {
        State = state;
        Deadline = new Deadline(() => slot.OnDeadline(this));
    }

    public RunState State { get; private set; }

    public HistoryLog History { get; } = new();

    public Deadline Deadline { get; }

    public void Apply(RunWrite write)
    {
        State = write.State;
        History.Append(write.Events);
        if (changed is { } waiting)
        {
            changed = null;
            waiting.TrySetResult();
        }
    }

    /// <summary>Completes at the next change. Asked for under the slot's lock, so that no change is missed.</summary>
    public Task NextChange()
    {
        changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return changed.Task;
    }
}
