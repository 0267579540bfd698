namespace Dispatch.Routing.Policies;

/// <summary>How one worker is picked among those that no filter refuses. One small sealed class each; stateless.</summary>
internal interface IRoutingPolicy
{
    /// <summary>The name pools choose it by.</summary>
    string Name { get; }

    /// <summary>Raised when the same request may get another answer.</summary>
    int Version { get; }

    /// <summary>What ranks the admitted workers.</summary>
    IReadOnlyList<WeightedScorer> Scorers { get; }

    /// <summary>Filters of the policy's own.</summary>
    IReadOnlyList<IFilter> Filters => [];

    /// <summary>Whether <see cref="Pick"/> chooses among the best scored only (an order within equals) rather than by score.</summary>
    bool PicksAmongBest { get; }

    /// <summary>Picks.</summary>
    /// <param name="contest">The candidates.</param>
    /// <returns>The index of the picked one, or -1.</returns>
    int Pick(in Contest contest);
}
