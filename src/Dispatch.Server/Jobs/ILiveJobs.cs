using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;

namespace Dispatch.Server.Jobs;

/// <summary>What the registry and the placer know of jobs now, beyond what is recorded.</summary>
public interface ILiveJobs
{
    /// <summary>The registry's row of a job.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The row, or null where there is none.</returns>
    LiveJob? Find(JobId job);

    /// <summary>Asks the placer where the job could run now.</summary>
    /// <param name="job">The job.</param>
    /// <param name="token">Ends the call.</param>
    /// <returns>The answer, or null for a job that does not wait.</returns>
    Task<LiveExplanation?> ExplainAsync(JobId job, CancellationToken token);
}

/// <summary>A job's row.</summary>
/// <param name="Activity">What its worker does with it.</param>
/// <param name="Message">More about that.</param>
/// <param name="StartedAt">When the container started, UTC.</param>
/// <param name="Worker">The worker.</param>
/// <param name="Incarnation">Its incarnation.</param>
/// <param name="ClosedBy">The event that closed the run, where it was Temporal's doing.</param>
public sealed record LiveJob(LeaseActivity? Activity, string? Message, DateTimeOffset? StartedAt, WorkerId? Worker, long? Incarnation, string? ClosedBy);

/// <summary>Where a waiting job could run now.</summary>
/// <param name="Why">In one sentence.</param>
/// <param name="Explanation">Worker by worker, where it came to a choice.</param>
public sealed record LiveExplanation(string Why, PlacementExplanation? Explanation);
