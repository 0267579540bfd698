using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Plans;

namespace Dispatch.Workers.Keeper;

/// <summary>What a worker does with a delivery of <c>RunContainer</c>. Pure: the activity asks the registry and writes the disk, this decides.</summary>
internal static class DeliveryRules
{
    /// <summary>When a new attempt is first heartbeaten: a job that is over sooner needs none, and the others say something worth saying.</summary>
    internal static readonly TimeSpan FirstHeartbeatAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether a further delivery of an attempt that the worker has is to be confirmed: a confirm revives an expired lease, and one that has ended needs none.</summary>
    internal static bool NeedsConfirm(AttemptState known) => known.Report is null;

    /// <summary>Why a further delivery of an attempt that the worker has is refused; null where it goes on, which it also does while the registry is silent: Temporal speaks for it.</summary>
    internal static ContainerFailure? OfKnown(LeaseId lease, ConfirmAnswer? answer) => answer is { Accepted: false }
        ? new() { Code = ErrorCode.StaleLease, Phase = ErrorPhase.Send, Message = AttemptReports.Bounded($"Lease {lease} is not this worker's any more: {answer.Why}") }
        : null;

    /// <summary>Why a new attempt is not begun; null where it is.</summary>
    internal static ContainerFailure? OfNew(LeaseId lease, ConfirmAnswer answer) => answer.Accepted
        ? null
        : NothingStarted(ErrorCode.StaleLease, ErrorPhase.Send, $"Lease {lease} is not this worker's: {answer.Why}");

    /// <summary>What a renewal says of a lease that is being confirmed: from the confirm on each names it. One that did not, overtaken by all that did, would let its room be sold beneath it.</summary>
    internal static LeaseStatement BeingTaken(LeaseId lease) => new(lease, LeaseActivity.Received);

    /// <summary>A failure of which it is certain that nothing was started.</summary>
    internal static ContainerFailure NothingStarted(ErrorCode code, ErrorPhase phase, string message) =>
        new() { Code = code, Phase = phase, Message = AttemptReports.Bounded(message), NothingStarted = true };

    /// <summary>What is written down before anything is started, and the state the keeper begins with. The confirm is the first witness: a renewal that did not name the lease says nothing of it.</summary>
    internal static (AttemptIntent Intent, AttemptState State) Begin(
        RunContainerInput input, ActivityToken token, string specJson, JobSpec spec, string runtime, WitnessTimes times, WorkerHost host, TimeSpan confirmedAt, TimeSpan now)
    {
        var witnesses = new Witnesses { RenewalSentAt = confirmedAt };
        var intent = new AttemptIntent
        {
            Input = input,
            SpecJson = specJson,
            Runtime = runtime,
            ContainerName = ContainerNames.Of(input.Job, input.Attempt, input.Lease),
            MachineId = host.MachineId,
            BootId = host.BootId,
            ReceivedAt = now,
            PermissionEnds = witnesses.PermissionEnds(times) ?? now,
            Times = times,
            Token = token,
        };
        return (intent, new()
        {
            Facts = Facts(intent, spec),
            ReceivedAt = now,
            PhaseSince = now,
            Witnesses = witnesses,
            RunLimit = TimeSpan.FromSeconds(input.RunSeconds),
            Heartbeating = Chore.Anew(now + (FirstHeartbeatAfter < times.HeartbeatEvery ? FirstHeartbeatAfter : times.HeartbeatEvery)),
        });
    }

    /// <summary>What never changes of an attempt.</summary>
    internal static AttemptFacts Facts(AttemptIntent intent, JobSpec spec) => new()
    {
        Lease = intent.Input.Lease,
        Attempt = intent.Input.Attempt,
        HasImage = spec.Image is not null,
        What = spec.Image ?? spec.Process[0],
        InitLimit = spec.Timeouts.Init,
        StopGrace = spec.Timeouts.StopGrace,
        Times = intent.Times,
    };

    /// <summary>What a delivery brings to an attempt beside its token.</summary>
    internal static IEnumerable<AttemptInput> Controls(RunContainerInput input)
    {
        yield return new AttemptInput.Extended(TimeSpan.FromSeconds(input.RunSeconds));
        if (input.Stop is { } stop)
        {
            yield return new AttemptInput.StopAsked(stop.Now, EndCause.Stopped);
        }
    }

    /// <summary>Why an extension that an attempt has heard of is not in force; null where it is.</summary>
    /// <param name="heard">The attempt after it heard of it; null where the worker left it before.</param>
    internal static ContainerFailure? OfExtension(HeardState? heard) => heard switch
    {
        null => Unextended(ErrorCode.WorkerUnreachable, "The worker ends, and has not heard of it."),
        { State: { Ending: not null } or { Phase: >= AttemptPhase.Awaiting } } => Unextended(ErrorCode.AlreadyStopping, $"Attempt {heard.State.Facts.Attempt} is ending already."),
        { Kept: false } => Unextended(
            ErrorCode.RuntimeUnavailable, "The worker's disk does not take the new deadline: it holds until the worker is started anew. It may be asked for again under another id."),
        _ => null,
    };

    private static ContainerFailure Unextended(ErrorCode code, string message) => new() { Code = code, Phase = ErrorPhase.Control, Message = message };

    /// <summary>The leases that the registry holds for this worker and that it does not know: they are returned, nothing was started.</summary>
    internal static IEnumerable<LeaseId> Unknown(RenewalAnswer answer, Func<LeaseId, bool> isKept) =>
        answer.Accepted ? answer.Unnamed.Where(lease => !isKept(lease)) : [];
}
