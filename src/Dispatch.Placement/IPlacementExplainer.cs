using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Registry.Leases;

namespace Dispatch.Placement;

/// <summary>What placement thinks now, for people.</summary>
public interface IPlacementExplainer
{
    /// <summary>Why a job is where it is, asked now; nothing changes by it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer; null where the registry does not know the job.</returns>
    Task<WhyNow?> ExplainNowAsync(JobId job, CancellationToken cancellationToken);

    /// <summary>The router of a pool.</summary>
    /// <param name="pool">The pool.</param>
    /// <returns>Policy and version, as <c>least-loaded@1</c>; null where the pool is not configured.</returns>
    string? RouterOf(string pool);
}

/// <summary>Why a job is where it is.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Position">Waiting: how many jobs rank before it; null where it is not in the queue.</param>
/// <param name="Explanation">What the router says now of a job that waits; else the explanation of its offer.</param>
/// <param name="Summary">The whole in one or two sentences.</param>
public sealed record WhyNow(JobRow Row, int? Position, PlacementExplanation? Explanation, string Summary);
