namespace Dispatch.Routing.Guarding;

/// <summary>A router's answer, or what was wrong with it.</summary>
/// <param name="Result">The answer; none where <paramref name="Error"/> is set.</param>
/// <param name="Error">What the router did wrong, one sentence without a full stop; null where nothing.</param>
public sealed record GuardedResult(RoutingResult Result, string? Error)
{
    /// <summary>A failed call.</summary>
    /// <param name="error">What was wrong.</param>
    /// <returns>The result.</returns>
    public static GuardedResult Failed(string error) => new(RoutingResult.None, error);
}
