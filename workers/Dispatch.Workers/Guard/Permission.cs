using Dispatch.Runtimes.Host;

namespace Dispatch.Workers.Guard;

/// <summary>Until when an attempt may run, and how the guard finds what runs.</summary>
public sealed record Permission
{
    /// <summary>When the permission ends: nanoseconds on the boot-time clock (<see cref="BootClock"/>).</summary>
    public required long EndsAtNanoseconds { get; init; }

    /// <summary>The boot that the time belongs to; in another boot the permission has ended.</summary>
    public required string BootId { get; init; }

    /// <summary>The lease's id.</summary>
    public required string Lease { get; init; }

    /// <summary>The runtime's name, such as <c>process</c> or <c>docker</c>.</summary>
    public required string Runtime { get; init; }

    /// <summary>The container's id, or before it is known its name.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The main process on the host, once known.</summary>
    public ProcessIdentity? Process { get; init; }

    /// <summary>The folder of the container's cgroup, absolute, where known.</summary>
    public string? Cgroup { get; init; }
}
