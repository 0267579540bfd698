using Dispatch.Contracts.Runs;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers.Attempts;

/// <summary>What a worker writes down before it starts anything of an attempt.</summary>
internal sealed record AttemptIntent
{
    /// <summary>What the activity was given at its first delivery.</summary>
    public required RunContainerInput Input { get; init; }

    /// <summary>The spec as the registry's row has it.</summary>
    public required string SpecJson { get; init; }

    /// <summary>The name of the runtime that runs it.</summary>
    public required string Runtime { get; init; }

    /// <summary>The container's name.</summary>
    public required string ContainerName { get; init; }

    /// <summary>The machine and boot that it was written on.</summary>
    public required string MachineId { get; init; }

    /// <inheritdoc cref="MachineId"/>
    public required string BootId { get; init; }

    /// <summary>When, on the boot clock.</summary>
    public required TimeSpan ReceivedAt { get; init; }

    /// <summary>The end of permission at that moment, on the boot clock.</summary>
    public required TimeSpan PermissionEnds { get; init; }

    /// <summary>The witnesses' times.</summary>
    public required WitnessTimes Times { get; init; }

    /// <summary>With what the activity is spoken for.</summary>
    public required ActivityToken Token { get; init; }
}

/// <summary>What names an activity towards Temporal.</summary>
internal sealed record ActivityToken
{
    /// <summary>The task token.</summary>
    public required byte[] Token { get; init; }

    /// <summary>The delivery it belongs to.</summary>
    public required int Delivery { get; init; }

    /// <summary>The workflow's id.</summary>
    public required string WorkflowId { get; init; }

    /// <summary>The run's id: whether it is open is asked of this run, not of a later one.</summary>
    public required string RunId { get; init; }
}

/// <summary>What changes of an attempt while it runs, as far as a restarted worker needs it.</summary>
internal sealed record AttemptNotes
{
    /// <summary>The runtime's id.</summary>
    public string? ContainerId { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>On the boot clock.</summary>
    public TimeSpan? StartedAtBoot { get; init; }

    /// <summary>The run deadline in force.</summary>
    public TimeSpan RunLimit { get; init; }

    /// <summary>Why it is being ended.</summary>
    public EndCause? Ending { get; init; }

    /// <summary>Whether by SIGKILL.</summary>
    public bool Killing { get; init; }

    /// <summary>Adoptions so far.</summary>
    public int Adoptions { get; init; }

    /// <summary>Seconds.</summary>
    public double? PullSeconds { get; init; }

    /// <summary>Seconds.</summary>
    public double? InitSeconds { get; init; }

    /// <summary>Of the image.</summary>
    public string? ImageDigest { get; init; }

    internal static AttemptNotes Of(AttemptState state) => new()
    {
        ContainerId = state.ContainerId,
        StartedAt = state.StartedAt,
        StartedAtBoot = state.StartedAtBoot,
        RunLimit = state.RunLimit,
        Ending = state.Ending,
        Killing = state.Killing != Chore.Nothing,
        Adoptions = state.Adoptions,
        PullSeconds = state.PullSeconds,
        InitSeconds = state.InitSeconds,
        ImageDigest = state.ImageDigest,
    };
}
