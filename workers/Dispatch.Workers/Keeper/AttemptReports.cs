using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Runtimes;

namespace Dispatch.Workers.Keeper;

/// <summary>What is said of an attempt at its end. Pure.</summary>
internal static class AttemptReports
{
    /// <summary>Most characters of a failure's text.</summary>
    internal const int MessageCharactersMax = 2000;

    private const int KillSignal = 9;
    private const int SignalCodes = 128;

    /// <summary>The guard's clock and the keeper's are read one after the other.</summary>
    private static readonly TimeSpan GuardTolerance = TimeSpan.FromMilliseconds(500);

    /// <summary>The report of an attempt whose remains were collected.</summary>
    internal static AttemptReport Of(AttemptState state, AttemptInput.Collected collected)
    {
        if (state.Exit is { OutputBytesLost: > 0 and var lost })
        {
            collected = collected with { Log = (collected.Log ?? new(state.Facts.Attempt, 0, 0)) with { LostBytes = lost } };
        }

        if (state.Ending == EndCause.Poison)
        {
            return Failed(Lost("The worker process died under this job again and again.") with { Poison = true }, collected);
        }

        if (state.Trouble is { } trouble)
        {
            return Failed(trouble, collected);
        }

        if (state.Exit is { } exit)
        {
            return WasCutOff(state, exit) ? Failed(CutOff(state.Ending, nothingStarted: false), collected) : Result(state, exit, collected);
        }

        return state.Ending is EndCause.Stopped or EndCause.Drained
            ? Result(state, exit: null, collected)
            : Failed(CutOff(state.Ending, nothingStarted: true), collected);
    }

    /// <summary>The container is gone and nobody knows how it ended.</summary>
    internal static ContainerFailure Lost(string message) => new() { Code = ErrorCode.WorkerLost, Phase = ErrorPhase.Run, Message = message };

    /// <summary>The worker was restarted while the start was under way.</summary>
    internal static ContainerFailure StartLost() =>
        Lost("The worker was restarted between taking the job and its container's start; it cannot be said whether the start happened, so it is not done again.");

    /// <summary>The host was rebooted.</summary>
    internal static ContainerFailure Rebooted() => Lost("The worker's host was started anew, and the job's container with it was lost.");

    /// <summary>The runtime did not say whether it started the container, which was removed.</summary>
    internal static ContainerFailure StartUnknown() => new()
    {
        Code = ErrorCode.RuntimeUnavailable,
        Phase = ErrorPhase.Start,
        Message = "The container runtime did not answer the start, and had not started the container when it answered again.",
    };

    /// <summary>The guard could not have been told until when the container may run.</summary>
    internal static ContainerFailure Unguarded() =>
        Lost("The worker's disk does not take the permission that its guard goes by, so the job was not started.") with { Phase = ErrorPhase.Start, NothingStarted = true };

    /// <summary>Pull and init took too long.</summary>
    internal static ContainerFailure InitTimedOut(AttemptState state)
    {
        var pulling = state.Phase is AttemptPhase.Received or AttemptPhase.Pulling;
        var what = state.Phase switch
        {
            AttemptPhase.Creating => "the container was made",
            AttemptPhase.Guarding => "its start waited for the worker's guard and permission",
            _ => $"the image {state.Facts.What} was fetched",
        };
        return new()
        {
            Code = pulling ? ErrorCode.PullFailed : ErrorCode.RuntimeUnavailable,
            Phase = pulling ? ErrorPhase.Pull : ErrorPhase.Create,
            Message = $"timeouts.init of {state.Facts.InitLimit.TotalSeconds:0.###} s passed while {what}.",
            NothingStarted = true,
        };
    }

    /// <summary>The runtime refused.</summary>
    internal static ContainerFailure Refused(AttemptInput.RuntimeFailed failed) => new()
    {
        Code = failed.Code,
        Phase = failed.At switch
        {
            AttemptPhase.Pulling => ErrorPhase.Pull,
            AttemptPhase.Creating => ErrorPhase.Create,
            AttemptPhase.Starting => ErrorPhase.Start,
            _ => ErrorPhase.Run,
        },
        Message = Bounded(failed.Message),
        NothingStarted = failed.At is AttemptPhase.Pulling or AttemptPhase.Creating or AttemptPhase.Starting,
    };

    internal static string Bounded(string message) => message.Length <= MessageCharactersMax ? message : message[..(MessageCharactersMax - 1)] + "…";

    /// <summary>A SIGKILL after the end of permission was ours or the guard's; anything else is the workload's own end, whenever it came.</summary>
    private static bool WasCutOff(AttemptState state, ContainerExit exit) =>
        WasKilled(exit) && (state.Ending is EndCause.NotYours or EndCause.RunClosed || EndedUnpermitted(state));

    /// <summary>Container runtimes tell a signal by the code alone.</summary>
    private static bool WasKilled(ContainerExit exit) => exit is { OutOfMemory: false } and ({ Signal: KillSignal } or { Signal: null, Code: SignalCodes + KillSignal });

    /// <summary>By the boot clock alone: the runtime tells the end by the wall clock, which may have jumped. Of an end that nobody saw come, none can be sure once permission has ended.</summary>
    private static bool EndedUnpermitted(AttemptState state) =>
        state.Ending == EndCause.PermissionEnded
        || state.UnwrittenSince is not null
        || state.ExitSeenAt >= state.PermissionEnds - GuardTolerance
        || (state.Lapse is { } lapse && (state.FoundExited || lapse.IsKillUnderWay(state.ExitSeenAt)));

    private static ContainerFailure CutOff(EndCause? cause, bool nothingStarted) => new()
    {
        Code = cause is EndCause.NotYours or EndCause.RunClosed ? ErrorCode.StaleLease : ErrorCode.WorkerLost,
        Phase = ErrorPhase.Run,
        Message = cause switch
        {
            EndCause.NotYours => "The registry gave the job to another attempt; this one was ended.",
            EndCause.RunClosed => "The job's run is closed; its container was ended.",
            _ => "Neither the registry nor Temporal had accepted the worker for so long that its permission to run the job ended.",
        },
        NothingStarted = nothingStarted,
    };

    private static AttemptReport Failed(ContainerFailure failure, AttemptInput.Collected collected) =>
        new() { Failure = failure with { Message = Bounded(failure.Message), Log = failure.NothingStarted ? null : collected.Log } };

    private static AttemptReport Result(AttemptState state, ContainerExit? exit, AttemptInput.Collected collected) => new()
    {
        Result = new()
        {
            Attempt = state.Facts.Attempt,
            Lease = state.Facts.Lease,
            End = state.Ending switch
            {
                EndCause.TimedOut => ContainerEnd.TimedOut,
                EndCause.Stopped => ContainerEnd.Stopped,
                EndCause.Drained => ContainerEnd.Drained,
                _ => ContainerEnd.Exited,
            },
            Outcome = exit is null ? new() : new()
            {
                Code = exit.Code,
                Signal = exit.Signal,
                SignalName = SignalNames.Of(exit.Signal),
                OutOfMemory = exit.OutOfMemory,
                Message = collected.Message ?? (exit.RemovedFromOutside ? "The container was removed from outside." : null),
            },
            RemovedFromOutside = exit?.RemovedFromOutside == true,
            StartedAt = exit?.StartedAt,
            EndedAt = exit?.FinishedAt,
            PullSeconds = state.PullSeconds,
            InitSeconds = state.InitSeconds,
            RunSeconds = exit is null ? null : Math.Max(0, (exit.FinishedAt - exit.StartedAt).TotalSeconds),
            ImageDigest = state.ImageDigest,
            Usage = exit is { CpuSeconds: null, PeakMemoryBytes: null } or null ? null : new(exit.CpuSeconds, exit.PeakMemoryBytes),
            Log = exit is null ? null : collected.Log,
        },
    };
}
