namespace Dispatch.Routing.Guarding;

/// <summary>A router's answer, or what was wrong with it.</summary>
/// <param name="Result">The answer; none where <paramref name="Error"/> is set.</param>
/// <param name="Error">What the router did wrong, one sentence without a full stop; null where nothing.</param>
/// <param name="Busy">Whether it did nothing wrong, but is still at work on an earlier call for the same job.</param>
public sealed record GuardedResult(RoutingResult Result, string? Error, bool Busy = false)
{
    /// <summary>A call that was not made, as an earlier one for the same job is under way.</summary>
    /// <param name="error">The text.</param>
    /// <returns>The result.</returns>
    public static GuardedResult UnderWay(string error) => new(RoutingResult.None, error, Busy: true);

    /// <summary>A failed call.</summary>
    /// <param name="error">What was wrong.</param>
    /// <returns>The result.</returns>
    public static GuardedResult Failed(string error) => new(RoutingResult.None, error);
}
