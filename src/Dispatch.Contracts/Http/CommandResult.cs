using Dispatch.Contracts.Runs;

namespace Dispatch.Contracts.Http;

/// <summary>What became of a control.</summary>
public sealed record CommandResult
{
    /// <summary>Whether it is in force; false where the job had ended, or where nothing was to change.</summary>
    public required bool Applied { get; init; }

    /// <summary>What is so now, one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The final report, of a job that has ended.</summary>
    public JobReport? Report { get; init; }
}
