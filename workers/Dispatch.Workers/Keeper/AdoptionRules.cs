namespace Dispatch.Workers.Keeper;

/// <summary>When a job that takes its worker down is not taken up again.</summary>
internal static class AdoptionRules
{
    /// <summary>The adoption that is one too many.</summary>
    internal const int PoisonAt = 3;

    /// <summary>Running this long under one worker process makes the earlier adoptions forgotten.</summary>
    internal static readonly TimeSpan CalmAfter = TimeSpan.FromSeconds(60);
}
