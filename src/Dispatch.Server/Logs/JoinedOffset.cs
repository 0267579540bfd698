using Dispatch.Contracts.Logs;

namespace Dispatch.Server.Logs;

/// <summary>Passes over the first bytes of one stream of a job, counted over all its attempts, one after the other; bytes that were dropped count.</summary>
/// <param name="offset">How many bytes, 0 or more.</param>
internal sealed class JoinedOffset(long offset)
{
    private int attempt;
    private long before;
    private long end;

    /// <summary>What is left of a piece.</summary>
    /// <param name="of">Its attempt, never lower than the last.</param>
    /// <param name="piece">The next piece of the stream.</param>
    /// <returns>The bytes behind the offset.</returns>
    public ReadOnlyMemory<byte> Rest(int of, LogPiece piece)
    {
        if (of != attempt)
            (attempt, before, end) = (of, before + end, 0);
        end = piece.End;
        var skip = Math.Clamp(offset - before - piece.Offset, 0, piece.Bytes.Length);
        return piece.Bytes[(int)skip..];
    }
}
