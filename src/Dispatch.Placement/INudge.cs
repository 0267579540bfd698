using Dispatch.Contracts.Ids;

namespace Dispatch.Placement;

/// <summary>Tells a workflow to ask again. It carries nothing and is for speed only: a lost one delays, one too many does nothing.</summary>
public interface INudge
{
    /// <summary>Sends the signal.</summary>
    /// <param name="job">The job.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the signal is delivered; it throws where it is not.</returns>
    Task NudgeAsync(JobId job, string runId, CancellationToken cancellationToken);
}
