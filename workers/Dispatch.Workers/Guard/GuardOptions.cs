using Dispatch.Runtimes.Host;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dispatch.Workers.Guard;

/// <summary>What a guard is started with.</summary>
public sealed record GuardOptions
{
    /// <summary>The worker's data directory; one guard per directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Kills containers of other runtimes; null where the worker has only plain processes.</summary>
    public IContainerKiller? ContainerKiller { get; init; }

    /// <summary>How long a worker may stay away before a guard with nothing to look after ends itself, and before processes without a permission end. Default 30 s.</summary>
    public TimeSpan WorkerAwayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a container runtime may take to answer a kill before the guard kills by process id and cgroup. Default 400 ms.</summary>
    public TimeSpan KillAnswerWithin { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Whether processes get cgroups where this host lets the guard make them: limits, and a sure way to find what they leave behind. Default true.</summary>
    public bool UseCgroups { get; init; } = true;

    /// <summary>The clock that permissions are written in. Default: the machine's boot-time clock.</summary>
    public TimeProvider Clock { get; init; } = BootClock.Instance;

    /// <summary>Takes what the guard has to say. Default: nothing.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
