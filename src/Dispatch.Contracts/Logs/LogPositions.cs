namespace Dispatch.Contracts.Logs;

/// <summary>What is kept of one stream.</summary>
/// <param name="First">Offset of the first byte still kept; above 0 where the oldest output was dropped.</param>
/// <param name="Length">Bytes taken in all: the offset at which the stream goes on.</param>
public readonly record struct LogExtent(long First, long Length);

/// <summary>How far a log has come.</summary>
/// <param name="Stdout">Standard output.</param>
/// <param name="Stderr">Standard error.</param>
/// <param name="Complete">Whether it was said that nothing more will come.</param>
public sealed record LogPositions(LogExtent Stdout, LogExtent Stderr, bool Complete)
{
    /// <summary>A log of which nothing is there.</summary>
    public static LogPositions None { get; } = new(default, default, false);

    /// <summary>One stream's extent.</summary>
    /// <param name="stream">Which stream.</param>
    /// <returns>Its extent.</returns>
    public LogExtent Of(OutputStream stream) => stream == OutputStream.Stdout ? Stdout : Stderr;
}
