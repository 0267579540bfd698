using System.Collections.Immutable;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Dispatch.Engine.History;

/// <summary>How much of a workflow task is in history.</summary>
internal enum WorkflowTaskKind
{
    /// <summary>Its Scheduled and Started events are written as they happen.</summary>
    Normal,

    /// <summary>A second or later attempt: its events are written when it completes, and not at all when it doesn't.</summary>
    Transient,

    /// <summary>Scheduled for an update of an idle run: forgotten when the update is rejected.</summary>
    Speculative,
}

/// <summary>The one pending workflow task of a run.</summary>
internal sealed record WorkflowTask
{
    /// <summary>Tells tasks of a run apart; a dispatched task names it.</summary>
    public required long Serial { get; init; }

    public required WorkflowTaskKind Kind { get; init; }

    /// <summary>The id of the Scheduled event, or the one that it would have.</summary>
    public required long ScheduledEventId { get; init; }

    /// <summary>The id of the Started event, or the one that it would have; 0 until started.</summary>
    public long StartedEventId { get; init; }

    public required int Attempt { get; init; }

    public required DateTimeOffset ScheduledTime { get; init; }

    /// <summary>When the first of a chain of heartbeats was scheduled.</summary>
    public required DateTimeOffset OriginalScheduledTime { get; init; }

    public DateTimeOffset? StartedTime { get; init; }

    /// <summary>Start-to-close.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>As the Scheduled event names it: the sticky queue, or the normal one.</summary>
    public required TaskQueue Queue { get; init; }

    /// <summary>Only sticky and speculative tasks have one.</summary>
    public TimeSpan? ScheduleToStart { get; init; }

    public string RequestId { get; init; } = "";

    public string Identity { get; init; } = "";

    /// <summary>Why the run should continue as new; empty while it needn't.</summary>
    public ImmutableList<SuggestContinueAsNewReason> SuggestReasons { get; init; } = [];

    public long HistoryBytes { get; init; }

    /// <summary>Updates that its answer may speak of.</summary>
    public ImmutableList<string> SentUpdates { get; init; } = [];

    public bool IsStarted => StartedTime is not null;

    public bool IsWritten => Kind == WorkflowTaskKind.Normal;
}
