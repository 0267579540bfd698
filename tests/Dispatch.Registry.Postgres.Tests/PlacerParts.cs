using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Placement;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>What a placer needs around it in these tests.</summary>
internal static class PlacerParts
{
    /// <summary>An ask of the first attempt of a job that wants so many processors.</summary>
    public static PlaceAsk Ask(JobId job, int ask, int cpu) => new()
    {
        Job = job,
        Conversation = new ConversationId(job.Value),
        RunId = job.Value,
        Attempt = 1,
        Ask = ask,
        SpecJson = $$"""{"process":["true"],"resources":{"cpu":{{cpu}} } }""",
        SpecDigest = "sha256:0",
        QueuedAt = DateTimeOffset.UnixEpoch,
    };
}

/// <summary>Every run is closed, but for those whose id none can have.</summary>
internal sealed class ClosedRuns : IRunStatus
{
    public const string NoId = "xx";

    public Task<RunDescription> DescribeAsync(JobId job, string runId, CancellationToken cancellationToken) =>
        Task.FromResult(runId == NoId ? new RunDescription(RunStanding.Impossible) : new RunDescription(RunStanding.Closed, "WorkflowExecutionTerminated"));
}

/// <summary>Every run is open.</summary>
internal sealed class OpenRuns : IRunStatus
{
    public Task<RunDescription> DescribeAsync(JobId job, string runId, CancellationToken cancellationToken) => Task.FromResult(new RunDescription(RunStanding.Open));
}
