namespace Dispatch.Workers.Keeper;

/// <summary>A time in which an attempt had no permission, on the boot clock.</summary>
/// <param name="From">When permission had ended.</param>
/// <param name="Until">When one was accepted again.</param>
internal sealed record PermissionLapse(TimeSpan From, TimeSpan Until)
{
    /// <summary>A guard that has seen permission end may be at the kill for this long after the next one was accepted.</summary>
    internal static readonly TimeSpan KillWithin = TimeSpan.FromSeconds(1);

    /// <summary>Until when the guard may be at a kill.</summary>
    internal TimeSpan Over => Until + KillWithin;

    /// <summary>Whether something that ended now may have been killed for want of permission.</summary>
    internal bool IsKillUnderWay(TimeSpan now) => now >= From && now <= Over;
}
