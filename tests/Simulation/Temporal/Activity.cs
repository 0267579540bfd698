using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Temporal;

/// <summary>One activity of a run, as Temporal has it.</summary>
internal sealed record Activity
{
    public required Run Run { get; init; }

    public required int Number { get; init; }

    public required string Name { get; init; }

    public required object Input { get; init; }

    public required string Queue { get; init; }

    public required TimeSpan Receipt { get; init; }

    public TimeSpan? Heartbeat { get; init; }

    /// <summary>Of a control: the command it answers.</summary>
    public string? CommandId { get; init; }

    public bool Started { get; set; }

    public bool Closed { get; set; }

    public bool CancelRequested { get; set; }

    public TimeSpan HeardAt { get; set; }

    /// <summary>What the worker names it by.</summary>
    public string Token => $"{Run.RunId}/{Number}";

    public bool IsRun => Heartbeat is not null;

    public JobInput EndOf(RunEnd end) => new JobInput.RunClosed(end);
}
