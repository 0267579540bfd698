using Dispatch.Contracts.Jobs;
using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;

namespace Dispatch.Workers.Keeper;

/// <summary>An attempt as the keeper has it: what is on disk, what runs it, where it stands.</summary>
internal sealed record KeptAttempt
{
    internal required AttemptFolder Folder { get; init; }

    internal required AttemptIntent Intent { get; init; }

    internal required JobSpec Spec { get; init; }

    internal required IContainerRuntime Runtime { get; init; }

    internal required ActivityToken Token { get; init; }

    internal required AttemptState State { get; init; }

    /// <summary>A look for its image that was begun before the intent was on disk; null where none was.</summary>
    internal Task<PulledImage?>? ImageLook { get; init; }
}
