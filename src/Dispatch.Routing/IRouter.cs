namespace Dispatch.Routing;

/// <summary>Chooses one worker or none for one job. Pure: the same request has the same result, and nothing is kept between calls.</summary>
/// <remarks>
/// Users may implement it and register it in code. What it throws, a call longer than 5 s, a worker that is not among the candidates and one that a filter of the
/// built-in chain refuses are errors of that one placement; the job goes on waiting and says so.
/// </remarks>
public interface IRouter
{
    /// <summary>The name pools choose it by, such as <c>least-loaded</c>.</summary>
    string Name { get; }

    /// <summary>Raised when the same request may get another answer.</summary>
    int Version { get; }

    /// <summary>Chooses.</summary>
    /// <param name="request">The job, the candidates and all else that may matter.</param>
    /// <returns>The choice, with its explanation where <see cref="RoutingRequest.Explain"/> asks for it.</returns>
    RoutingResult Route(RoutingRequest request);

    /// <summary>
    /// What else of a job the answer depends on, beyond pool, runtime, needs, constraints, pin and exclusions. Waiting jobs are grouped by it, and of equal ones only the first is tried.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <returns>A short text, the same for jobs that fit the same workers.</returns>
    string ShapeOf(JobFacts job) => "";
}
