using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Placing;

/// <summary>Why a worker was chosen and why not the others; bounded.</summary>
public sealed record PlacementExplanation
{
    /// <summary>How many candidates are told one by one.</summary>
    public const int CandidatesMax = 32;

    /// <summary>Policy and version, as <c>least-loaded@1</c>.</summary>
    public required string Router { get; init; }

    /// <summary>How many workers were looked at.</summary>
    public int Considered { get; init; }

    /// <summary>The chosen worker, if any.</summary>
    public WorkerId? Chosen { get; init; }

    /// <summary>Up to <see cref="CandidatesMax"/> workers, the chosen first.</summary>
    public IReadOnlyList<CandidateVerdict> Candidates { get; init; } = [];

    /// <summary>Of those not told one by one: how many each filter refused.</summary>
    public IReadOnlyDictionary<string, int> OthersRefusedBy { get; init; } = new Dictionary<string, int>();

    /// <summary>Of those not told one by one: how many no filter refused.</summary>
    public int OthersScored { get; init; }

    /// <summary>The whole in one sentence.</summary>
    public string Summary { get; init; } = "";
}

/// <summary>What was thought of one worker.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Incarnation">Its incarnation.</param>
/// <param name="RefusedBy">The filter that refused it (<c>state</c>, <c>admission</c>, <c>capacity</c>, <c>constraints</c>, <c>exclusion</c>, …), or null.</param>
/// <param name="Reason">Why, with the numbers or the label's value.</param>
/// <param name="Score">The weighted score of one that was not refused.</param>
/// <param name="Scores">Each scorer's part.</param>
public sealed record CandidateVerdict(
    WorkerId Worker, long Incarnation, string? RefusedBy, string? Reason, double? Score, IReadOnlyDictionary<string, double>? Scores);
