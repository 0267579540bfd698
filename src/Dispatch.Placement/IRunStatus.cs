using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;

namespace Dispatch.Placement;

/// <summary>What Temporal knows of a run.</summary>
public interface IRunStatus
{
    /// <summary>Asks Temporal.</summary>
    /// <param name="job">The job.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The run's status; it throws where Temporal does not answer.</returns>
    Task<RunDescription> DescribeAsync(JobId job, string runId, CancellationToken cancellationToken);
}

/// <summary>Where a run stands.</summary>
public enum RunStanding
{
    /// <summary>It goes on: it is its job's current run.</summary>
    Open,

    /// <summary>It has closed.</summary>
    Closed,

    /// <summary>Temporal does not know it (any more).</summary>
    Unknown,

    /// <summary>No run of Temporal can have that id: somebody has edited it by hand.</summary>
    Impossible,
}

/// <summary>What Temporal knows of a run.</summary>
/// <param name="Standing">Where it stands.</param>
/// <param name="ClosedBy">Closed: its closing event, such as <c>WorkflowExecutionTerminated</c>.</param>
/// <param name="Reason">Closed by its own workflow: the termination reason, where it can be read.</param>
public sealed record RunDescription(RunStanding Standing, string? ClosedBy = null, TerminationReason? Reason = null);
