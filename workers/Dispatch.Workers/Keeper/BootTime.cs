namespace Dispatch.Workers.Keeper;

/// <summary>The boot clock as the keeper counts: since the machine's boot, time asleep included.</summary>
internal static class BootTime
{
    /// <summary>Now.</summary>
    internal static TimeSpan Now(TimeProvider clock) =>
        TimeSpan.FromTicks((long)(clock.GetTimestamp() * ((decimal)TimeSpan.TicksPerSecond / clock.TimestampFrequency)));
}
