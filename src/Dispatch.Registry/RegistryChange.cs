using Dispatch.Contracts.Ids;

namespace Dispatch.Registry;

/// <summary>What kind of change it was.</summary>
public enum RegistryChangeKind
{
    /// <summary>A worker may have room that it did not have; waiting jobs may fit.</summary>
    CapacityAppeared,

    /// <summary>A job that another conversation's lease had blocked came to the queue.</summary>
    JobUnblocked,

    /// <summary>A workflow should ask again.</summary>
    NudgeDue,

    /// <summary>A job's row changed.</summary>
    JobChanged,

    /// <summary>A worker's row changed.</summary>
    WorkerChanged,
}

/// <summary>A hint that something changed: whoever gets one asks the registry. It may be lost.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Pool">The pool.</param>
/// <param name="Job">The job, where it is one's.</param>
/// <param name="RunId">Nudge due: the run.</param>
/// <param name="Worker">The worker, where it is one's.</param>
public readonly record struct RegistryChange(RegistryChangeKind Kind, string Pool, JobId? Job = null, string? RunId = null, WorkerId? Worker = null);
