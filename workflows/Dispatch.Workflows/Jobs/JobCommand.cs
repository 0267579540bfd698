using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;

namespace Dispatch.Workflows.Jobs;

/// <summary>A control that somebody sent.</summary>
internal abstract record JobCommand
{
    private JobCommand()
    {
    }

    /// <summary>Who asks.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Stop.</summary>
    /// <param name="Mode">How.</param>
    public sealed record Stop(StopMode Mode) : JobCommand;

    /// <summary>Extend the run deadline.</summary>
    /// <param name="By">By how much, more than zero.</param>
    public sealed record Extend(TimeSpan By) : JobCommand;

    /// <summary>Set the priority.</summary>
    /// <param name="Priority">0…100.</param>
    public sealed record SetPriority(int Priority) : JobCommand;

    /// <summary>Hold back before placement.</summary>
    public sealed record Pause : JobCommand;

    /// <summary>Go on.</summary>
    public sealed record Unpause : JobCommand;
}

/// <summary>What a command's sender hears.</summary>
/// <param name="Result">What became of it, where it was not refused.</param>
/// <param name="Refusal">Refused: the code.</param>
/// <param name="Message">Refused: why.</param>
internal sealed record CommandAnswer(CommandResult? Result, ErrorCode? Refusal = null, string? Message = null);
