namespace Dispatch.Workers.Guard;

/// <summary>What the guard sees at one tick. Times are nanoseconds on the boot-time clock.</summary>
internal sealed record GuardView
{
    /// <summary>Whether the data directory still is the one whose lock this guard has.</summary>
    internal bool DirectoryIsOurs { get; init; } = true;

    /// <summary>Whether a worker is connected now.</summary>
    internal bool WorkerConnected { get; init; }

    /// <summary>When a worker was connected last; for a new guard when it started.</summary>
    internal long WorkerSeenAt { get; init; }

    /// <summary>All attempts that have a permission or a process.</summary>
    internal IReadOnlyList<AttemptView> Attempts { get; init; } = [];
}

/// <summary>One attempt.</summary>
internal sealed record AttemptView
{
    /// <summary>The attempt's folder.</summary>
    internal required string Directory { get; init; }

    /// <summary>The process of this guard, by name, while it or what it left behind runs.</summary>
    internal string? Process { get; init; }

    /// <summary>Whether the permission speaks of a container of another runtime.</summary>
    internal bool IsContainer { get; init; }

    /// <summary>When the permission ends; null where there is none. <see cref="long.MinValue"/> where it ended with another boot or cannot be read.</summary>
    internal long? PermissionEndsAt { get; init; }

    /// <summary>Whether a kill of the container is under way.</summary>
    internal bool KillUnderWay { get; init; }

    /// <summary>When the container was last asked to be killed, or null.</summary>
    internal long? KilledAt { get; init; }

    /// <summary>Whether that made certain that it does not run.</summary>
    internal bool KillConfirmed { get; init; }
}
