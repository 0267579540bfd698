using Dispatch.Contracts.Ids;
using Dispatch.Runtimes;

namespace Dispatch.Simulation.Workers;

/// <summary>One container on a host.</summary>
internal sealed class Container
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required JobId Job { get; init; }

    public required ConversationId Conversation { get; init; }

    public required LeaseId Lease { get; init; }

    /// <summary>How long its workload runs, and how it ends.</summary>
    public required TimeSpan Runs { get; init; }

    public required int Code { get; init; }

    /// <summary>A plain process: nothing is there before its start, and it dies with the guard.</summary>
    public required bool IsProcess { get; init; }

    public ContainerPhase Phase { get; set; }

    public ContainerExit? Exit { get; set; }

    /// <summary>Who ended it; null is itself.</summary>
    public string? KilledBy { get; set; }

    public bool Removed { get; set; }

    /// <summary>Gone without anybody knowing how it ended.</summary>
    public bool Lost { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    /// <summary>When it began to run, virtual.</summary>
    public TimeSpan RanFrom { get; set; }

    /// <summary>How long it had run when its worker ended it at its deadline; null where it has not.</summary>
    public TimeSpan? TimedOutAfter { get; set; }

    public List<Action> Waiters { get; } = [];
}
