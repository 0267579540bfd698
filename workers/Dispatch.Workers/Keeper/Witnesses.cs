namespace Dispatch.Workers.Keeper;

/// <summary>When each witness last accepted this attempt, by the moment of sending, on the boot clock.</summary>
internal sealed record Witnesses
{
    /// <summary>The last accepted renewal; null is none since the worker started.</summary>
    internal TimeSpan? RenewalSentAt { get; init; }

    /// <summary>The last accepted heartbeat; null is none since the worker started.</summary>
    internal TimeSpan? HeartbeatSentAt { get; init; }

    /// <summary>The permission that an earlier process of this worker had written; null is none.</summary>
    internal TimeSpan? Inherited { get; init; }

    /// <summary>The end of permission: one kill budget before the later witness ends; null is none at all.</summary>
    internal TimeSpan? PermissionEnds(WitnessTimes times)
    {
        var registry = RenewalSentAt is { } renewal ? renewal + times.Lease - times.KillBudget : (TimeSpan?)null;
        var temporal = HeartbeatSentAt is { } heartbeat ? heartbeat + times.HeartbeatTimeout - times.KillBudget : (TimeSpan?)null;
        return Later(Later(registry, temporal), Inherited);
    }

    /// <summary>An accepted renewal; an answer that comes after a newer one lowers nothing.</summary>
    internal Witnesses Renewed(TimeSpan sentAt) => this with { RenewalSentAt = Later(RenewalSentAt, sentAt) };

    /// <summary>
    /// A renewal after which the registry does not speak for the attempt. Of an expired lease the renewals before have lapsed already; where somebody has taken its rows away they have not,
    /// and nobody knows of them any more: Temporal alone is left, where it has spoken yet.
    /// </summary>
    internal Witnesses NotHeld(TimeSpan sentAt) => HeartbeatSentAt is null || RenewalSentAt > sentAt ? this : this with { RenewalSentAt = null };

    /// <summary>An accepted heartbeat; an answer that comes after a newer one lowers nothing.</summary>
    internal Witnesses Heartbeaten(TimeSpan sentAt) => this with { HeartbeatSentAt = Later(HeartbeatSentAt, sentAt) };

    private static TimeSpan? Later(TimeSpan? one, TimeSpan? other) => one is null ? other : other is null || one >= other ? one : other;
}
