using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>How one delivery of <c>RunContainer</c> closed.</summary>
internal abstract record RunEnd
{
    private RunEnd()
    {
    }

    /// <summary>The worker answered with a report.</summary>
    /// <param name="Report">The report.</param>
    public sealed record Reported(ContainerReport Report) : RunEnd;

    /// <summary>The worker answered with an error.</summary>
    /// <param name="Failure">The error.</param>
    public sealed record Failed(ContainerFailure Failure) : RunEnd;

    /// <summary>Nobody took it within the receipt deadline.</summary>
    public sealed record NotTaken : RunEnd;

    /// <summary>It was taken, and nothing was heard any more.</summary>
    public sealed record Silent : RunEnd;

    /// <summary>It was cancelled without a report: nobody had taken it, or the worker only confirmed.</summary>
    public sealed record Canceled : RunEnd;
}
