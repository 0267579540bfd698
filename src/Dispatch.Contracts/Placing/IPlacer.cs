using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;

namespace Dispatch.Contracts.Placing;

/// <summary>What the workflow host asks: the side of placement that workflows see.</summary>
public interface IPlacer
{
    /// <summary>Answers one ask. Never throws for a registry that does not answer: that is <see cref="PlaceAnswerKind.Unavailable"/>.</summary>
    /// <param name="ask">The ask.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer.</returns>
    Task<PlaceAnswer> PlaceAsync(PlaceAsk ask, CancellationToken cancellationToken);

    /// <summary>Leaves the queue, gives an offer back and writes the final reason; for speed only, the sweeper makes it true anyway.</summary>
    /// <param name="settlement">What became of the job.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is written.</returns>
    Task SettleAsync(Settlement settlement, CancellationToken cancellationToken);
}

/// <summary>What became of a job.</summary>
public sealed record Settlement
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The conversation.</summary>
    public required ConversationId Conversation { get; init; }

    /// <summary>The run that closed.</summary>
    public required string RunId { get; init; }

    /// <summary>The ask number, as in <see cref="PlaceAsk.Ask"/>.</summary>
    public required int Ask { get; init; }

    /// <summary>Why the job ended; null where only the event that closed the run is known.</summary>
    public TerminationReason? Reason { get; init; }

    /// <summary>The event that closed the run, where it was Temporal's doing (<c>WorkflowExecutionTerminated</c> and the like).</summary>
    public string? ClosedBy { get; init; }
}
