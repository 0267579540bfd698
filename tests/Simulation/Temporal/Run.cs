using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Temporal;

/// <summary>One run of a job's workflow: what its history has come to, and what the next task is given.</summary>
internal sealed class Run
{
    public required JobId Job { get; init; }

    public required ConversationId Conversation { get; init; }

    public required string RunId { get; init; }

    /// <summary>What the completed tasks have come to.</summary>
    public required JobProgress Progress { get; set; }

    /// <summary>What is in history since the last completed task.</summary>
    public List<JobInput> Events { get; set; } = [];

    /// <summary>What came while a task is under way.</summary>
    public List<JobInput> Buffered { get; set; } = [];

    public List<Activity> Activities { get; set; } = [];

    public int ActivitiesScheduled { get; set; }

    public Dictionary<JobTimer, int> Timers { get; set; } = [];

    /// <summary>The task under way; 0 is none.</summary>
    public int Task { get; set; }

    public int TasksStarted { get; set; }

    public bool TaskDue { get; set; }

    public bool Closed { get; set; }

    /// <summary>The event that closed it, where it was Temporal's doing.</summary>
    public string? ClosedBy { get; set; }

    public JobReport? Report { get; set; }

    public CloseKind How { get; set; }

    /// <summary>Where it can be reset to.</summary>
    public List<ResetPoint> Points { get; } = [];

    public bool WasReset { get; init; }

    /// <summary>Chance of the workflow's own, the same each time a task is done again.</summary>
    public double Draw() => (Progress.Asks * 0.618033988749895) % 1;
}

/// <summary>A run as it was when a task began.</summary>
internal sealed record ResetPoint(JobProgress Progress, IReadOnlyList<JobInput> Events, IReadOnlyList<Activity> Activities, IReadOnlyDictionary<JobTimer, (int Id, TimeSpan Due)> Timers);
