using Dispatch.Contracts.Jobs;

namespace Dispatch.Runtimes;

/// <summary>What a runtime says of itself.</summary>
/// <param name="RuntimeId">Stable id of this runtime's state (the Docker daemon's id; for processes the machine's boot id).</param>
/// <param name="Version">The runtime's version.</param>
/// <param name="SurvivesWorker">Whether containers go on when the worker process dies.</param>
/// <param name="RunsImages">True for container runtimes, false for plain processes.</param>
/// <param name="Platform">Operating system and architecture, such as <c>linux/amd64</c>.</param>
public sealed record RuntimeDescription(string RuntimeId, string Version, bool SurvivesWorker, bool RunsImages, string Platform)
{
    /// <summary>The runtime for people, with version and place, such as <c>Podman 4.3.1 at unix:///run/podman/podman.sock</c>; null for plain processes.</summary>
    public string? Product { get; init; }

    /// <summary>What this host cannot do or does otherwise than usual, one sentence each; empty where nothing is missing.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>A wish for an image.</summary>
/// <param name="Image">The reference, such as <c>registry:5000/name:tag</c>.</param>
/// <param name="Policy">When it is fetched.</param>
public sealed record ImagePull(string Image, PullPolicy Policy);

/// <summary>An image that is on the host.</summary>
/// <param name="Image">The reference asked for.</param>
/// <param name="Digest">What it is, as <c>sha256:…</c>.</param>
/// <param name="Transferred">Whether it was fetched now.</param>
public sealed record PulledImage(string Image, string Digest, bool Transferred);

/// <summary>A container that was started.</summary>
/// <param name="StartedAt">When, by the runtime's clock, UTC.</param>
/// <param name="ProcessId">The main process's id on the host, or null where it has ended.</param>
public sealed record StartedContainer(DateTimeOffset StartedAt, int? ProcessId);

/// <summary>How a container ended.</summary>
/// <param name="Code">The exit code, 0…255; 128 + n where signal n ended it.</param>
/// <param name="Signal">The signal's number where one ended the main process, else null.</param>
/// <param name="OutOfMemory">Whether the kernel killed for memory, as the runtime or the cgroup says; never guessed from the code.</param>
/// <param name="StartedAt">When the main process started, UTC.</param>
/// <param name="FinishedAt">When it ended, UTC.</param>
/// <param name="CpuSeconds">CPU time used, seconds, where known.</param>
/// <param name="PeakMemoryBytes">Most memory used, bytes, where known.</param>
public sealed record ContainerExit(
    int Code, int? Signal, bool OutOfMemory, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, double? CpuSeconds = null, long? PeakMemoryBytes = null)
{
    /// <summary>True when somebody else removed the container and the runtime still told its code; the times are then the observer's.</summary>
    public bool RemovedFromOutside { get; init; }

    /// <summary>How long after the runtime had noticed the end it is told, by the monotonic clock: the rest of the output was captured meanwhile.</summary>
    public TimeSpan ToldAfter { get; init; }

    /// <summary>Bytes of its output that no disk took.</summary>
    public long OutputBytesLost { get; init; }
}

/// <summary>The phase a container is in.</summary>
public enum ContainerPhase
{
    /// <summary>Made, never started.</summary>
    Created,

    /// <summary>Its main process runs.</summary>
    Running,

    /// <summary>Its main process has ended.</summary>
    Exited,
}

/// <summary>A container as the runtime shows it.</summary>
/// <param name="ContainerId">The runtime's id.</param>
/// <param name="Name">The name from the plan.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="ProcessId">The main process's id on the host while it runs.</param>
/// <param name="Labels">The labels it bears.</param>
/// <param name="Exit">How it ended, once it has.</param>
public sealed record ContainerState(
    string ContainerId, string Name, ContainerPhase Phase, int? ProcessId, IReadOnlyDictionary<string, string> Labels, ContainerExit? Exit);
