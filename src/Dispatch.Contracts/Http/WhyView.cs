using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;

namespace Dispatch.Contracts.Http;

/// <summary>Why a job is where it is.</summary>
public sealed record WhyView
{
    /// <summary>Where it stands.</summary>
    public required JobState State { get; init; }

    /// <summary>When this was asked, UTC.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The last placement that history has; null before the first.</summary>
    public RecordedPlacement? Recorded { get; init; }

    /// <summary>What the router says now, of a job that waits.</summary>
    public PlacementExplanation? Now { get; init; }

    /// <summary>The whole in one sentence.</summary>
    public required string Summary { get; init; }
}

/// <summary>A placement as history has it.</summary>
public sealed record RecordedPlacement
{
    /// <summary>What the answer was.</summary>
    public required PlaceAnswerKind Kind { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The attempt it speaks of.</summary>
    public int Attempt { get; init; }

    /// <summary>The worker, if any.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>Its incarnation.</summary>
    public long? Incarnation { get; init; }

    /// <summary>The lease.</summary>
    public LeaseId? Lease { get; init; }

    /// <summary>Router policy and version, as <c>least-loaded@1</c>.</summary>
    public string? Router { get; init; }

    /// <summary>Waiting, unavailable, refused: why, in one sentence.</summary>
    public string? Why { get; init; }

    /// <summary>Refused: the code.</summary>
    public ErrorCode? Error { get; init; }

    /// <summary>The router's explanation.</summary>
    public PlacementExplanation? Explanation { get; init; }

    /// <summary>Takes from an answer what is shown.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="time">When it was recorded, UTC.</param>
    /// <returns>What is shown.</returns>
    public static RecordedPlacement Of(PlaceAnswer answer, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return new()
        {
            Kind = answer.Kind,
            Time = time,
            Attempt = answer.Attempt,
            Worker = answer.Worker,
            Incarnation = answer.Incarnation,
            Lease = answer.Lease,
            Router = answer.Router,
            Why = answer.Why,
            Error = answer.Error,
            Explanation = answer.Explanation,
        };
    }
}
