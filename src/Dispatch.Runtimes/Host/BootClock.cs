using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>A clock whose time stamp is nanoseconds since the machine's boot, time asleep included; no setting of the wall clock moves it.</summary>
/// <remarks>Permissions are compared on it. UTC and timers are those of <see cref="TimeProvider.System"/>.</remarks>
public sealed class BootClock : TimeProvider
{
    /// <summary>The clock of this machine.</summary>
    public static BootClock Instance { get; } = new();

    /// <inheritdoc />
    public override long TimestampFrequency => 1_000_000_000;

    /// <summary>Nanoseconds since boot on a clock, whatever its frequency.</summary>
    /// <param name="clock">A clock; in production this one.</param>
    /// <returns>Nanoseconds, from 0.</returns>
    public static long Nanoseconds(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var stamp = clock.GetTimestamp();
        return clock.TimestampFrequency == 1_000_000_000 ? stamp : (long)(stamp * (1_000_000_000m / clock.TimestampFrequency));
    }

    /// <inheritdoc />
    public override unsafe long GetTimestamp()
    {
        LibC.Timespec time;
        if (LibC.clock_gettime(CLOCK_BOOTTIME, &time) != 0)
        {
            throw new InvalidOperationException("The kernel has no boot-time clock (CLOCK_BOOTTIME).");
        }

        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }
}
