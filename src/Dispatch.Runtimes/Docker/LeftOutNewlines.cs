namespace Dispatch.Runtimes.Docker;

/// <summary>
/// Where an engine leaves newlines out of what it reads from its log. Docker keeps a line longer than 16 KiB in pieces of that size, shows each as a frame and,
/// before version 23, the last one without the newline that ended the line. Only the last piece of a line, or of all output, is shorter: so a newline is missing
/// where a short frame that has none is followed by another of its stream. Of a line that fills its pieces the last one is empty: it shows only beside its time.
/// </summary>
/// <remarks>At the end of all output a long line looks the same with its newline and without: it is taken to have none.</remarks>
internal sealed class LeftOutNewlines
{
    /// <summary>The size of a piece, and the least size of a frame that more of its line follows.</summary>
    public const int PieceBytes = 16 * 1024;

    private bool _stdout;
    private bool _stderr;

    /// <summary>A frame begins.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="bytes">Its length.</param>
    /// <returns>Whether a newline is missing before it.</returns>
    public bool BeginFrame(OutputStream stream, long bytes)
    {
        var missing = Of(stream);
        Of(stream) = bytes < PieceBytes;
        return missing;
    }

    /// <summary>A frame that has bytes was read to its end.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="last">Its last byte.</param>
    public void EndFrame(OutputStream stream, byte last) => Of(stream) &= last != (byte)'\n';

    /// <summary>Whether the last frame of a stream ended a line, if any follows, without its newline.</summary>
    private ref bool Of(OutputStream stream)
    {
        if (stream == OutputStream.Stdout)
            return ref _stdout;
        return ref _stderr;
    }
}
