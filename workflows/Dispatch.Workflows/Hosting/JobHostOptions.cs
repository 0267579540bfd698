using Dispatch.Contracts;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workflows.Hosting;

/// <summary>How a workflow host is set up.</summary>
public sealed record JobHostOptions
{
    /// <summary>Whether jobs write their search attributes; false where the namespace does not have them (<c>--search-attributes off</c>).</summary>
    public bool SearchAttributes { get; init; } = true;

    /// <summary>Workflows kept in memory between their tasks; 0 to 100,000.</summary>
    public int CachedWorkflowsMax { get; init; } = 10_000;

    /// <summary>Placements under way at once.</summary>
    public int LocalActivitiesMax { get; init; } = 1_000;

    /// <summary>Workflow tasks under way at once.</summary>
    public int WorkflowTasksMax { get; init; } = 200;

    /// <summary>The task queue.</summary>
    public string TaskQueue { get; init; } = JobNames.TaskQueue;

    /// <summary>Whether every run counts as one that a reset began: for tests on an engine that has no reset.</summary>
    internal bool AfterReset { get; init; }

    /// <summary>Where the SDK logs; null is where the client does.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
