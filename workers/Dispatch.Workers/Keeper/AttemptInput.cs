using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;

namespace Dispatch.Workers.Keeper;

/// <summary>What happens to an attempt.</summary>
internal abstract record AttemptInput
{
    /// <summary>Time has passed.</summary>
    internal sealed record Tick : AttemptInput;

    /// <summary>The image is there.</summary>
    internal sealed record Pulled(string Digest) : AttemptInput;

    /// <summary>The container is made.</summary>
    internal sealed record Created(string ContainerId) : AttemptInput;

    /// <summary>The guard answers, or not.</summary>
    internal sealed record GuardAnswered(bool Answers) : AttemptInput;

    /// <summary>The container was started, or taken up again.</summary>
    /// <param name="StartedAt">UTC.</param>
    /// <param name="StartedAtBoot">The same moment on the boot clock.</param>
    /// <param name="ProcessId">Its main process, by which the guard finds it when the runtime does not answer.</param>
    internal sealed record Started(DateTimeOffset StartedAt, TimeSpan StartedAtBoot, int? ProcessId) : AttemptInput;

    /// <summary>The runtime refused or did not answer.</summary>
    /// <param name="At">The phase of the call.</param>
    /// <param name="Code">The catalogue's code.</param>
    /// <param name="Message">What happened.</param>
    /// <param name="Gone">Whether the container was removed from outside.</param>
    internal sealed record RuntimeFailed(AttemptPhase At, ErrorCode Code, string Message, bool Gone) : AttemptInput;

    /// <summary>The runtime says what it has.</summary>
    /// <param name="State">The container, or null.</param>
    internal sealed record Found(ContainerState? State) : AttemptInput;

    /// <summary>The container has ended and all its output is captured.</summary>
    internal sealed record Ended(ContainerExit Exit) : AttemptInput;

    /// <summary>What it left was collected.</summary>
    /// <param name="Message">The outcome message, if any.</param>
    /// <param name="Log">How much output there is; null where nothing was captured.</param>
    internal sealed record Collected(string? Message, LogReference? Log) : AttemptInput;

    /// <summary>The report is on disk, or could not be written.</summary>
    internal sealed record ReportStored(bool Stored) : AttemptInput;

    /// <summary>Temporal answered a report, or did not.</summary>
    internal sealed record ReportAnswered(TemporalAnswer Answer) : AttemptInput;

    /// <summary>Temporal answered a heartbeat, or did not.</summary>
    internal sealed record HeartbeatAnswered(TimeSpan SentAt, TemporalAnswer Answer) : AttemptInput;

    /// <summary>The registry spoke of the lease in the answer to a renewal.</summary>
    internal sealed record LeaseAnswered(TimeSpan SentAt, LeaseStanding Standing) : AttemptInput;

    /// <summary>The container is gone, or could not be removed.</summary>
    internal sealed record Removed(bool Gone) : AttemptInput;

    /// <summary>The registry has the lease back, or did not answer.</summary>
    internal sealed record Returned(bool Accepted) : AttemptInput;

    /// <summary>A stop or kill call came back.</summary>
    /// <param name="Kill">Which of the two.</param>
    /// <param name="Done">Whether the container no longer runs.</param>
    internal sealed record Halted(bool Kill, bool Done) : AttemptInput;

    /// <summary>Somebody asks for a stop.</summary>
    /// <param name="Now">SIGKILL at once.</param>
    /// <param name="Cause">On whose behalf.</param>
    internal sealed record StopAsked(bool Now, EndCause Cause) : AttemptInput;

    /// <summary>The run deadline is moved; an earlier one changes nothing.</summary>
    internal sealed record Extended(TimeSpan RunLimit) : AttemptInput;

    /// <summary>The disk did not take the permission that the guard goes by, or takes it again.</summary>
    internal sealed record PermissionKept(bool Taken) : AttemptInput;

    /// <summary>A new delivery of the same lease: its token is the one to speak with.</summary>
    internal sealed record TokenTaken : AttemptInput;
}

/// <summary>Temporal's answer to a heartbeat or a report.</summary>
internal enum TemporalAnswer
{
    /// <summary>Accepted.</summary>
    Accepted,

    /// <summary>Accepted, and the activity is to be cancelled.</summary>
    CancelRequested,

    /// <summary>The activity is not there, its run is open.</summary>
    RunOpen,

    /// <summary>The activity is not there, its run is closed or unknown.</summary>
    RunClosed,

    /// <summary>Anything else, or nothing.</summary>
    NotAccepted,
}
