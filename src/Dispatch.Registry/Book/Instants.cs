namespace Dispatch.Registry.Book;

/// <summary>Time stamps as every registry keeps them.</summary>
internal static class Instants
{
    /// <summary>To the microsecond, which is what PostgreSQL keeps: a row read back is the row that was written, and ranks the same.</summary>
    public static DateTimeOffset Stored(DateTimeOffset instant) => new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
