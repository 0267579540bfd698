using Dispatch.Contracts.Ids;

namespace Dispatch.Placement.Tests;

/// <summary>What the test says that Temporal knows.</summary>
internal sealed class KnownRuns : IRunStatus
{
    private readonly Dictionary<string, RunDescription> runs = [];

    private int asked;

    public int Asked => asked;

    public Exception? Failure { get; set; }

    public RunDescription this[string runId]
    {
        set => runs[runId] = value;
    }

    public Task<RunDescription> DescribeAsync(JobId job, string runId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref asked);
        if (Failure is not null) throw Failure;
        return Task.FromResult(runs.GetValueOrDefault(runId) ?? new RunDescription(RunStanding.Unknown));
    }
}
