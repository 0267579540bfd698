using Dispatch.Contracts.Runs;

namespace Dispatch.Workers.Keeper;

/// <summary>What is reported of an attempt: exactly one of the two.</summary>
internal sealed record AttemptReport
{
    /// <summary>The container ran to an end, or was stopped.</summary>
    public ContainerReport? Result { get; init; }

    /// <summary>It failed.</summary>
    public ContainerFailure? Failure { get; init; }
}
