using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>Something the workflow is to do, in the order given.</summary>
internal abstract record JobAction
{
    private JobAction()
    {
    }

    /// <summary>Write operations into the memo, all at once.</summary>
    /// <param name="Operations">Those not written yet, in order.</param>
    public sealed record Record(IReadOnlyList<Operation> Operations) : JobAction;

    /// <summary>Ask the placer; answered by <see cref="JobInput.Placed"/>.</summary>
    /// <param name="Question">The ask.</param>
    public sealed record Ask(PlaceAsk Question) : JobAction;

    /// <summary>Schedule <c>RunContainer</c>; answered by <see cref="JobInput.RunClosed"/>.</summary>
    /// <param name="Input">Its argument.</param>
    /// <param name="Queue">The worker's queue.</param>
    /// <param name="Receipt">Schedule-to-start.</param>
    /// <param name="Heartbeat">Heartbeat time-out.</param>
    public sealed record Send(RunContainerInput Input, string Queue, TimeSpan Receipt, TimeSpan Heartbeat) : JobAction;

    /// <summary>Cancel the open <c>RunContainer</c>.</summary>
    public sealed record CancelRun : JobAction;

    /// <summary>Schedule a control activity; answered by <see cref="JobInput.ControlClosed"/>.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Input">Its argument.</param>
    /// <param name="Queue">The worker's queue.</param>
    /// <param name="Receipt">Schedule-to-start.</param>
    /// <param name="CommandId">The command it carries, or null.</param>
    public sealed record Control(string Name, object Input, string Queue, TimeSpan Receipt, string? CommandId) : JobAction;

    /// <summary>Start a timer that is not running.</summary>
    /// <param name="Timer">Which.</param>
    /// <param name="Id">Which start of it.</param>
    /// <param name="After">More than zero.</param>
    public sealed record StartTimer(JobTimer Timer, int Id, TimeSpan After) : JobAction;

    /// <summary>Cancel a running timer.</summary>
    /// <param name="Timer">Which.</param>
    public sealed record CancelTimer(JobTimer Timer) : JobAction;

    /// <summary>Answer a command.</summary>
    /// <param name="CommandId">Its id.</param>
    /// <param name="Reply">The answer.</param>
    public sealed record Answer(string CommandId, CommandAnswer Reply) : JobAction;

    /// <summary>Write the search attributes.</summary>
    /// <param name="State">The state.</param>
    /// <param name="Worker">The worker, once there is one.</param>
    /// <param name="Reason">The termination reason, once closed.</param>
    public sealed record Index(JobState State, WorkerId? Worker, TerminationReason? Reason) : JobAction;

    /// <summary>Tell the placer of the end; answered by <see cref="JobInput.Settled"/>.</summary>
    /// <param name="Settlement">What became of the job.</param>
    public sealed record Settle(Settlement Settlement) : JobAction;

    /// <summary>End the run.</summary>
    /// <param name="Report">The report.</param>
    /// <param name="How">As what.</param>
    public sealed record Close(JobReport Report, CloseKind How) : JobAction;
}

/// <summary>The status in which a run ends.</summary>
internal enum CloseKind
{
    /// <summary>Completed, with the report as result.</summary>
    Completed,

    /// <summary>Failed, with the report in the failure's details.</summary>
    Failed,

    /// <summary>Canceled.</summary>
    Canceled,
}
