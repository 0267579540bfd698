namespace Dispatch.Contracts.Jobs;

/// <summary>The causes after which a job may be tried again, each with a budget of its own. In JSON by camel-case name.</summary>
public enum RetryCause
{
    /// <summary>The worker went away (lost, crashed, fenced).</summary>
    WorkerLost,

    /// <summary>The worker never took the offer.</summary>
    WorkerUnreachable,

    /// <summary>The image could not be fetched.</summary>
    Pull,

    /// <summary>An init step failed.</summary>
    Init,

    /// <summary>Killed for memory.</summary>
    OutOfMemory,

    /// <summary>The run deadline passed.</summary>
    TimedOut,

    /// <summary>An exit code outside the success set.</summary>
    NonZero,

    /// <summary>The worker could not reach the registry; nothing was started.</summary>
    RegistryUnavailable,

    /// <summary>The container runtime did not answer.</summary>
    RuntimeUnavailable,

    /// <summary>The worker drains; free by default.</summary>
    Draining,
}

/// <summary>How often and how fast one cause is tried again.</summary>
public sealed record RetryBudget
{
    /// <summary>Further attempts after the first failure of this cause; 0 to 49.</summary>
    public int Max { get; init; }

    /// <summary>The pauses between attempts.</summary>
    public Backoff Backoff { get; init; } = new();

    /// <summary>For <see cref="RetryCause.OutOfMemory"/>: the memory of each further attempt is the last one's times this; at least 1.</summary>
    public decimal MemoryFactor { get; init; } = 1;

    /// <summary>What holds for a cause that the spec does not name.</summary>
    /// <param name="cause">The cause.</param>
    /// <returns>3 further attempts for a lost worker and for a pull, 10 for what cost the job nothing, unlimited (49) for draining, none else.</returns>
    public static RetryBudget DefaultOf(RetryCause cause) => cause switch
    {
        RetryCause.WorkerLost or RetryCause.Pull => new() { Max = 3 },
        RetryCause.WorkerUnreachable or RetryCause.RegistryUnavailable or RetryCause.RuntimeUnavailable => new() { Max = 10 },
        RetryCause.Draining => new() { Max = 49, Backoff = new() { Initial = TimeSpan.Zero } },
        _ => new(),
    };
}

/// <summary>Pauses that grow.</summary>
public sealed record Backoff
{
    /// <summary>The first pause.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Each further pause is the last times this; at least 1.</summary>
    public decimal Factor { get; init; } = 2;

    /// <summary>No pause is longer.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(60);
}
