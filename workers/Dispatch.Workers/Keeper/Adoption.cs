using Dispatch.Contracts.Jobs;
using Dispatch.Workers.Attempts;

namespace Dispatch.Workers.Keeper;

/// <summary>With what state the keeper goes on with an attempt that an earlier process of the worker had. Pure.</summary>
internal static class Adoption
{
    /// <summary>The state after a restart of the worker.</summary>
    /// <param name="intent">What was written before anything was started.</param>
    /// <param name="facts">What never changes of it.</param>
    /// <param name="notes">What was written since, if anything.</param>
    /// <param name="report">The stored report, if any.</param>
    /// <param name="permission">The end of permission that the guard goes by, if any.</param>
    /// <param name="sameBoot">Whether it was written on this machine, in this boot.</param>
    /// <param name="now">The boot clock.</param>
    internal static AttemptState Resume(
        AttemptIntent intent, AttemptFacts facts, AttemptNotes? notes, AttemptReport? report, TimeSpan? permission, bool sameBoot, TimeSpan now)
    {
        var state = new AttemptState
        {
            Facts = facts,
            Phase = AttemptPhase.Looking,
            PhaseSince = now,
            ReceivedAt = sameBoot ? intent.ReceivedAt : now,
            Inherited = true,
            RunLimit = notes is { RunLimit.Ticks: > 0 } ? notes.RunLimit : TimeSpan.FromSeconds(intent.Input.RunSeconds),
            ContainerId = notes?.ContainerId,
            StartedAt = notes?.StartedAt,
            StartedAtBoot = sameBoot ? notes?.StartedAtBoot : null,
            PullSeconds = notes?.PullSeconds,
            InitSeconds = notes?.InitSeconds,
            ImageDigest = notes?.ImageDigest,
            Adoptions = notes?.Adoptions ?? 0,
            Ending = notes?.Ending,
            Looking = Chore.Anew(now),
            Heartbeating = Chore.Anew(now),
            Witnesses = new() { Inherited = sameBoot ? Later(intent.PermissionEnds, permission) : null },
        };

        if (report is not null)
        {
            return state with
            {
                Phase = AttemptPhase.Closing,
                Looking = Chore.Nothing,
                Report = report,
                Sending = Chore.Anew(now),
                Removing = Chore.Anew(now),
                Returning = Chore.Anew(now),
            };
        }

        if (!sameBoot)
        {
            return state with { Phase = AttemptPhase.Clearing, Looking = Chore.Nothing, Trouble = AttemptReports.Rebooted(), Removing = Chore.Anew(now) };
        }

        return state.Ending is null ? state
            : notes!.Killing ? state with { Killing = Chore.Anew(now) }
            : state with { Stopping = Chore.Anew(now) };
    }

    /// <summary>Makes one attempt from what is on the disk; null where this worker no longer has its runtime.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="written">What is in it.</param>
    /// <param name="readSpec">Reads the spec.</param>
    /// <param name="parts">What the keeper works with.</param>
    /// <param name="machineId">This machine.</param>
    /// <param name="bootId">This boot.</param>
    internal static KeptAttempt? Read(AttemptFolder folder, AttemptLine written, Func<string, JobSpec> readSpec, KeeperParts parts, string machineId, string bootId)
    {
        if (written.Intent is not { } intent || !parts.Runtimes.TryGetValue(intent.Runtime, out var runtime))
        {
            return null;
        }

        var spec = readSpec(intent.SpecJson);
        var sameBoot = intent.MachineId == machineId && intent.BootId == bootId;
        var state = Resume(
            intent,
            DeliveryRules.Facts(intent, spec),
            written.Notes,
            written.Report,
            parts.Guard.PermissionOf(intent.Input.Lease),
            sameBoot,
            BootTime.Now(parts.Clock));
        return new() { Folder = folder, Intent = intent, Spec = spec, Runtime = runtime, Token = written.Token ?? intent.Token, State = state };
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan? other) => other is { } given && given > one ? given : one;
}
