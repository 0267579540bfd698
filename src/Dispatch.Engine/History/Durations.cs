using Google.Protobuf.WellKnownTypes;

namespace Dispatch.Engine.History;

/// <summary>Durations and instants of the protocol as .NET values; an absent or zero duration means "no limit".</summary>
internal static class Durations
{
    /// <summary>What a client sees where there is no deadline.</summary>
    public static readonly Timestamp Never = new() { Seconds = -62135596800 };

    public static TimeSpan OrZero(this Duration? duration) =>
        duration is null ? TimeSpan.Zero : TimeSpan.FromTicks(Ticks(duration));

    public static TimeSpan? OrNone(this Duration? duration)
    {
        var span = duration.OrZero();
        return span == TimeSpan.Zero ? null : span;
    }

    public static Duration ToProto(this TimeSpan span) => Duration.FromTimeSpan(span);

    public static Duration ToProto(this TimeSpan? span) => Duration.FromTimeSpan(span ?? TimeSpan.Zero);

    public static Timestamp ToProto(this DateTimeOffset instant) => Timestamp.FromDateTimeOffset(instant);

    public static Timestamp? ToProto(this DateTimeOffset? instant) => instant is { } known ? Timestamp.FromDateTimeOffset(known) : null;

    /// <summary>The sum, or the end of time when that is passed.</summary>
    public static DateTimeOffset After(this DateTimeOffset instant, TimeSpan span) =>
        span > DateTimeOffset.MaxValue - instant ? DateTimeOffset.MaxValue : instant + span;

    public static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>The smaller of two limits, where none is no limit.</summary>
    public static TimeSpan? Cap(TimeSpan? value, TimeSpan? limit) =>
        value is { } some && limit is { } most ? Min(some, most) : value ?? limit;

    public static bool IsNegative(this Duration? duration) => duration is not null && (duration.Seconds < 0 || duration.Nanos < 0);

    private static long Ticks(Duration duration)
    {
        var ticks = (decimal)duration.Seconds * TimeSpan.TicksPerSecond + duration.Nanos / 100;
        return (long)Math.Clamp(ticks, TimeSpan.MinValue.Ticks, TimeSpan.MaxValue.Ticks);
    }
}
