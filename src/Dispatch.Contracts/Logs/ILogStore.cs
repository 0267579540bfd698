using Dispatch.Contracts.Ids;

namespace Dispatch.Contracts.Logs;

/// <summary>Keeps the output of attempts outside history and gives it back by byte offset. Readers never hold up a writer.</summary>
public interface ILogStore : ILogIntake
{
    /// <summary>Bytes of a tail, by default: 1 MiB.</summary>
    public const int TailBytes = 1 << 20;

    /// <summary>Reads raw bytes of one stream.</summary>
    /// <param name="key">The log.</param>
    /// <param name="stream">Which stream.</param>
    /// <param name="offset">From this offset; where it was dropped, from the first byte kept (the answer's offset says so).</param>
    /// <param name="bytesMax">Most bytes to return, 1 to <see cref="LogPiece.BytesMax"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What is there; no bytes at the stream's present end, and for a log that is not there.</returns>
    Task<LogSlice> ReadAsync(LogKey key, OutputStream stream, long offset, int bytesMax, CancellationToken cancellationToken);

    /// <summary>The newest bytes of one stream.</summary>
    /// <param name="key">The log.</param>
    /// <param name="stream">Which stream.</param>
    /// <param name="bytesMax">Most bytes, by default <see cref="TailBytes"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The bytes; an offset above 0 means that older output is not among them.</returns>
    Task<LogSlice> TailAsync(LogKey key, OutputStream stream, int bytesMax = TailBytes, CancellationToken cancellationToken = default);

    /// <summary>Replays a log from a cursor in the order of capture, then goes on as output comes, and ends after the log is complete and read to its end.</summary>
    /// <remarks>
    /// It may begin before the first append: it waits. A piece whose offset lies behind the reader's cursor means that output between them was dropped.
    /// Pieces are at most 64 KiB here, whatever the size of the appends.
    /// </remarks>
    /// <param name="key">The log.</param>
    /// <param name="from">The first byte wanted of each stream; default is everything.</param>
    /// <param name="cancellationToken">Ends the following.</param>
    /// <returns>The pieces.</returns>
    IAsyncEnumerable<LogPiece> FollowAsync(LogKey key, LogCursor from, CancellationToken cancellationToken);

    /// <summary>The logs that are kept of one job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Oldest conversation first, in it by attempt.</returns>
    Task<IReadOnlyList<LogSummary>> ListAsync(JobId job, CancellationToken cancellationToken);
}

/// <summary>Raw bytes of one stream.</summary>
/// <param name="Offset">Where the first of the bytes stands in the stream.</param>
/// <param name="Bytes">The bytes.</param>
/// <param name="Extent">What is kept of the stream.</param>
public sealed record LogSlice(long Offset, ReadOnlyMemory<byte> Bytes, LogExtent Extent)
{
    /// <summary>Whether output before these bytes exists or was dropped: what a tail must say.</summary>
    public bool TruncatedBefore => Offset > 0;
}

/// <summary>One log that is kept.</summary>
/// <param name="Key">Which.</param>
/// <param name="CreatedAt">When its first byte came, UTC.</param>
/// <param name="Positions">How far it has come.</param>
public sealed record LogSummary(LogKey Key, DateTimeOffset CreatedAt, LogPositions Positions);
