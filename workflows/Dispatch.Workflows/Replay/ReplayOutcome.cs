using Dispatch.Contracts.Operations;

namespace Dispatch.Workflows.Replay;

/// <summary>What a replay found.</summary>
public sealed record ReplayOutcome
{
    /// <summary>The job.</summary>
    public required string WorkflowId { get; init; }

    /// <summary>How many events were replayed.</summary>
    public required int Events { get; init; }

    /// <summary>The operations that the history has.</summary>
    public required IReadOnlyList<Operation> Operations { get; init; }

    /// <summary>What this build would do otherwise; empty where it does the same.</summary>
    public required IReadOnlyList<ReplayDifference> Differences { get; init; }

    /// <summary>The branches of the job's machine that the replay went through, each once, sorted; such as <c>Sent: run closed, reported</c>.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Whether this build does what the history says.</summary>
    public bool Same => Differences.Count == 0;
}

/// <summary>One difference between a history and this build.</summary>
/// <param name="What"><c>history</c> (not one of a job, or broken), <c>order of commands</c> (others, or in another order), <c>command</c> (another content of one)
/// or <c>operation</c> (another content of one).</param>
/// <param name="Where">The event or the operation.</param>
/// <param name="Recorded">What the history has; null where it has nothing.</param>
/// <param name="Replayed">What this build does; null where it does nothing.</param>
public sealed record ReplayDifference(string What, string Where, string? Recorded, string? Replayed)
{
    /// <summary>The difference in one sentence.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => (Recorded, Replayed) switch
    {
        (null, { } replayed) => $"{What} at {Where}: this build has {replayed}, the history has none.",
        ({ } recorded, null) => $"{What} at {Where}: the history has {recorded}, this build has none.",
        _ => $"{What} at {Where}: the history has {Recorded}, this build {Replayed}.",
    };
}
