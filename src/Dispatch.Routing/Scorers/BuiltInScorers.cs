namespace Dispatch.Routing.Scorers;

/// <summary>The scorers every policy takes from, and how much they count beside each other.</summary>
internal static class BuiltInScorers
{
    /// <summary>A preference of weight 100 weighs as much as an empty worker against a full one.</summary>
    public static WeightedScorer Preferences { get; } = new(new PreferenceScorer(), 100);

    public static WeightedScorer Load { get; } = new(new LoadScorer(), 100);

    public static WeightedScorer Pack { get; } = new(new PackScorer(), 100);

    public static WeightedScorer Spread { get; } = new(new SpreadScorer(), 100);

    /// <summary>Breaks near ties only.</summary>
    public static WeightedScorer Image { get; } = new(new ImageScorer(), 10);
}
