using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;

namespace Dispatch.Workers.Keeper;

/// <summary>All that the keeper knows of an attempt. Times are on the boot clock.</summary>
internal sealed record AttemptState
{
    /// <summary>How long a container whose state nobody knows is renewed while the runtime does not let it be removed.</summary>
    internal static readonly TimeSpan ClearingLimit = TimeSpan.FromSeconds(30);

    internal required AttemptFacts Facts { get; init; }

    internal AttemptPhase Phase { get; init; } = AttemptPhase.Received;

    /// <summary>When the phase began.</summary>
    internal TimeSpan PhaseSince { get; init; }

    /// <summary>When the attempt was received; the init deadline counts from here.</summary>
    internal required TimeSpan ReceivedAt { get; init; }

    internal Witnesses Witnesses { get; init; } = new();

    /// <summary>Whether a worker before this one had the attempt.</summary>
    internal bool Inherited { get; init; }

    /// <summary>Whether a create was asked for by this process: then a container may be there.</summary>
    internal bool CreateAsked { get; init; }

    /// <summary>Whether a start was asked for by this process.</summary>
    internal bool StartAsked { get; init; }

    internal string? ContainerId { get; init; }

    /// <summary>Its main process on the host, where it is known.</summary>
    internal int? ProcessId { get; init; }

    /// <summary>The container's start, UTC.</summary>
    internal DateTimeOffset? StartedAt { get; init; }

    /// <summary>The container's start; the run deadline counts from here.</summary>
    internal TimeSpan? StartedAtBoot { get; init; }

    internal double? PullSeconds { get; init; }

    internal double? InitSeconds { get; init; }

    internal string? ImageDigest { get; init; }

    /// <summary>The run deadline in force.</summary>
    internal required TimeSpan RunLimit { get; init; }

    /// <summary>Adoptions without <see cref="AdoptionRules.CalmAfter"/> of running between.</summary>
    internal int Adoptions { get; init; }

    /// <summary>When this process adopted the container; null where it did not, or where it has run calmly since.</summary>
    internal TimeSpan? AdoptedAt { get; init; }

    /// <summary>Why it is ended; null while nobody wants that.</summary>
    internal EndCause? Ending { get; init; }

    /// <summary>SIGTERM with grace.</summary>
    internal Chore Stopping { get; init; } = Chore.Nothing;

    /// <summary>SIGKILL.</summary>
    internal Chore Killing { get; init; } = Chore.Nothing;

    internal Chore Looking { get; init; } = Chore.Nothing;

    internal Chore Guarding { get; init; } = Chore.Nothing;

    internal TimeSpan GuardAnsweredAt { get; init; }

    internal Chore Heartbeating { get; init; } = new(false, false, default, 0);

    internal Chore Storing { get; init; } = Chore.Nothing;

    internal Chore Sending { get; init; } = Chore.Nothing;

    internal Chore Removing { get; init; } = Chore.Nothing;

    internal Chore Returning { get; init; } = Chore.Nothing;

    internal ContainerExit? Exit { get; init; }

    /// <summary>When the end was learned of.</summary>
    internal TimeSpan ExitSeenAt { get; init; }

    /// <summary>Whether the container had ended before it was looked at: nobody here saw when.</summary>
    internal bool FoundExited { get; init; }

    /// <summary>What went wrong, where something did.</summary>
    internal ContainerFailure? Trouble { get; init; }

    internal AttemptReport? Report { get; init; }

    internal Delivery Delivery { get; init; }

    /// <summary>Until when an orphaned report waits for a new delivery.</summary>
    internal TimeSpan? LingerUntil { get; init; }

    /// <summary>When permission last had ended before it was extended again: a kill of that time is the guard's, whatever was accepted since.</summary>
    internal PermissionLapse? Lapse { get; init; }

    /// <summary>Since when the disk does not take the permission: the guard goes by an older one. Null while it does.</summary>
    internal TimeSpan? UnwrittenSince { get; init; }

    internal TimeSpan? PermissionEnds => Witnesses.PermissionEnds(Facts.Times);

    /// <summary>Whether permission is still ahead.</summary>
    internal bool IsPermitted(TimeSpan now) => PermissionEnds is { } ends && now < ends;

    /// <summary>Whether a container may be started: permission is ahead, and no guard may still be at the kill that the last end of permission began.</summary>
    internal bool MayStart(TimeSpan now) => IsPermitted(now) && !(Lapse is { } lapse && now < lapse.Over);

    /// <summary>Whether a container of the attempt may run now.</summary>
    internal bool MayRun => Phase is AttemptPhase.Starting or AttemptPhase.Looking or AttemptPhase.Attaching or AttemptPhase.Running or AttemptPhase.Clearing;

    /// <summary>Whether the keeper speaks for the attempt to both witnesses: not while nobody knows whether anything was started.</summary>
    internal bool IsSpokenFor(TimeSpan now) => Phase switch
    {
        AttemptPhase.Awaiting or AttemptPhase.Done => false,
        AttemptPhase.Looking => !Inherited || StartedAt is not null,
        AttemptPhase.Clearing => now < PhaseSince + ClearingLimit,
        _ => !Returning.IsDone || Report is null,
    };

    /// <summary>
    /// What a renewal says of the attempt; null where there is nothing of it any more. What is not spoken for and may still run is named as in doubt: it takes its room, and
    /// its lease is not renewed by it.
    /// </summary>
    internal LeaseStatement? Statement(TimeSpan now)
    {
        var why = Ending is { } cause ? Reason(cause) : null;
        return IsSpokenFor(now) ? new(Facts.Lease, Activity, why, StartedAt)
            : Phase is AttemptPhase.Awaiting or AttemptPhase.Looking or AttemptPhase.Clearing ? new(Facts.Lease, LeaseActivity.InDoubt, why, StartedAt)
            : null;
    }

    /// <summary>The finer state.</summary>
    internal LeaseActivity Activity => Phase switch
    {
        AttemptPhase.Received => LeaseActivity.Received,
        AttemptPhase.Pulling => LeaseActivity.Pulling,
        AttemptPhase.Creating or AttemptPhase.Guarding or AttemptPhase.Starting => LeaseActivity.Initializing,
        AttemptPhase.Looking or AttemptPhase.Attaching or AttemptPhase.Running => Ending is null ? LeaseActivity.Running : LeaseActivity.Stopping,
        AttemptPhase.Clearing => LeaseActivity.Stopping,
        _ => LeaseActivity.Ended,
    };

    private static string Reason(EndCause cause) => cause switch
    {
        EndCause.TimedOut => "the run deadline passed",
        EndCause.Stopped => "somebody asked for a stop",
        EndCause.Drained => "the worker drains",
        EndCause.InitTimedOut => "the init deadline passed",
        EndCause.PermissionEnded => "its permission ended",
        EndCause.NotYours => "its lease is another's",
        EndCause.RunClosed => "its run is closed",
        _ => "the worker died under it too often",
    };
}
