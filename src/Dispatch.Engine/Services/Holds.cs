using Dispatch.Engine.Frontend;

namespace Dispatch.Engine.Services;

/// <summary>How long a call that waits for something may be held.</summary>
internal static class Holds
{
    /// <summary>So much of the caller's time is left for the answer's way back.</summary>
    public static readonly TimeSpan WayBack = TimeSpan.FromSeconds(1);

    /// <summary>What is left of the caller's time, but never more than <paramref name="longest"/>.</summary>
    public static TimeSpan Rest(CallContext context, TimeSpan longest)
    {
        var rest = context.Deadline - TimeProvider.System.GetUtcNow() - WayBack ?? longest;
        return rest < TimeSpan.Zero ? TimeSpan.Zero : rest < longest ? rest : longest;
    }
}
