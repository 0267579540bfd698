using System.Globalization;

namespace Dispatch.Contracts.Logs;

/// <summary>How far a reader has come: the offset of the next byte of each stream. Its text form, such as <c>120.45</c>, is the event id by which a follower resumes.</summary>
/// <param name="Stdout">Next offset of standard output, in bytes.</param>
/// <param name="Stderr">Next offset of standard error, in bytes.</param>
public readonly record struct LogCursor(long Stdout, long Stderr)
{
    /// <summary>The next offset of one stream.</summary>
    /// <param name="stream">Which stream.</param>
    /// <returns>The offset.</returns>
    public long Of(OutputStream stream) => stream == OutputStream.Stdout ? Stdout : Stderr;

    /// <summary>The cursor behind a piece.</summary>
    /// <param name="piece">What was read.</param>
    /// <returns>The cursor with that stream moved on.</returns>
    public LogCursor After(LogPiece piece) => piece.Stream == OutputStream.Stdout ? this with { Stdout = piece.End } : this with { Stderr = piece.End };

    /// <summary>The cursor so many bytes further.</summary>
    /// <param name="stream">Which stream.</param>
    /// <param name="bytes">How many bytes of it.</param>
    /// <returns>The cursor with that stream moved on.</returns>
    public LogCursor Plus(OutputStream stream, long bytes) => stream == OutputStream.Stdout ? this with { Stdout = Stdout + bytes } : this with { Stderr = Stderr + bytes };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stdout}.{Stderr}");

    /// <summary>Reads the text form.</summary>
    /// <param name="text">Text such as <c>120.45</c>.</param>
    /// <param name="cursor">The cursor read.</param>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string? text, out LogCursor cursor)
    {
        cursor = default;
        var parts = text?.Split('.');
        if (parts is not { Length: 2 }
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var stdout)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var stderr))
            return false;
        cursor = new(stdout, stderr);
        return true;
    }
}
