using System.Globalization;
using Dispatch.Contracts.Logs;

namespace Dispatch.Server.Logs;

/// <summary>A position in the output of a job: an attempt and the bytes of both streams that have been seen. Written as <c>2:120.33</c>.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Cursor">The bytes seen.</param>
internal readonly record struct LogPosition(int Attempt, LogCursor Cursor)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Attempt}:{Cursor}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out LogPosition position)
    {
        position = default;
        var at = text.IndexOf(':', StringComparison.Ordinal);
        if (at <= 0 || !int.TryParse(text.AsSpan(0, at), out var attempt) || attempt < 1 || !LogCursor.TryParse(text[(at + 1)..], out var cursor))
            return false;
        position = new(attempt, cursor);
        return true;
    }
}
