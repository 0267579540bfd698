using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>Table <c>attempt</c>: the conversation's present attempt, narrow and updated in place.</summary>
internal sealed record StoredAttempt
{
    public required JobId Job { get; init; }

    public required ConversationId Conversation { get; init; }

    public required long Number { get; init; }

    public required string RunId { get; init; }

    public required int Ask { get; init; }

    public required int Revision { get; init; }

    public required int Priority { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public required IReadOnlyList<ExcludedWorker> Excluded { get; init; }

    public required bool Paused { get; init; }

    public LeaseId? BlockedBy { get; init; }

    public required int Attempt { get; init; }

    public required LeaseState State { get; init; }

    public LeaseId? Lease { get; init; }

    public WorkerId? Worker { get; init; }

    public long? Incarnation { get; init; }

    public long? Fence { get; init; }

    public DateTimeOffset? OfferedAt { get; init; }

    public DateTimeOffset? HeldAt { get; init; }

    public required bool Ended { get; init; }

    public required int Expiries { get; init; }

    public required bool NudgeWanted { get; init; }

    public required bool NudgeDue { get; init; }

    public LeaseActivity? Activity { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required DateTimeOffset WaitingSince { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public DateTimeOffset? SettledAt { get; init; }

    public TerminationReason? Reason { get; init; }

    public string? ClosedBy { get; init; }

    public static StoredAttempt Of(JobRow row) => new()
    {
        Job = row.Job,
        Conversation = row.Conversation,
        Number = row.Number,
        RunId = row.RunId,
        Ask = row.Ask,
        Revision = row.Revision,
        Priority = row.Priority,
        QueuedAt = row.QueuedAt,
        Excluded = row.Excluded,
        Paused = row.Paused,
        BlockedBy = row.BlockedBy,
        Attempt = row.Attempt,
        State = row.State,
        Lease = row.Grant?.Lease,
        Worker = row.Grant?.Worker,
        Incarnation = row.Grant?.Incarnation,
        Fence = row.Grant?.Fence,
        OfferedAt = row.Grant?.OfferedAt,
        HeldAt = row.Grant?.HeldAt,
        Ended = row.Ended,
        Expiries = row.Expiries,
        NudgeWanted = row.NudgeWanted,
        NudgeDue = row.NudgeDue,
        Activity = row.Activity,
        Message = row.Message,
        StartedAt = row.StartedAt,
        EndedAt = row.EndedAt,
        WaitingSince = row.WaitingSince,
        ChangedAt = row.ChangedAt,
        SettledAt = row.SettledAt,
        Reason = row.Reason,
        ClosedBy = row.ClosedBy,
    };
}
