namespace Dispatch.Contracts.Logs;

/// <summary>Takes the output of attempts: the log store itself in one process, else <c>/worker/v1/logs</c> of the server.</summary>
/// <remarks>An intake that cannot be reached, or whose disk fails, throws <see cref="Errors.DispatchException"/>; the shipper keeps its bytes and tries again.</remarks>
public interface ILogIntake
{
    /// <summary>How far a log has come; where to ship from.</summary>
    /// <param name="key">The log.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its positions; <see cref="LogPositions.None"/> for one that is not there.</returns>
    Task<LogPositions> GetPositionsAsync(LogKey key, CancellationToken cancellationToken);

    /// <summary>Appends pieces in the given order, which becomes the order of the two streams among each other.</summary>
    /// <remarks>
    /// Idempotent by offset: bytes that are there already are passed over, the rest of such a piece is taken. At a piece that begins behind its stream's
    /// length nothing more is taken, and the answer says so. Pieces longer than <see cref="LogPiece.BytesMax"/> and negative offsets throw <see cref="ArgumentException"/>.
    /// A complete log still takes new bytes (a lost worker's output may come late) and stays complete.
    /// </remarks>
    /// <param name="key">The log; it is made by its first append.</param>
    /// <param name="pieces">The pieces, at least one.</param>
    /// <param name="cancellationToken">Ends the call; what was taken stays.</param>
    /// <returns>Where the log stands after it.</returns>
    Task<LogAppended> AppendAsync(LogKey key, IReadOnlyList<LogPiece> pieces, CancellationToken cancellationToken);

    /// <summary>Says that nothing more will come: followers end once they have read all, and retention begins. A repeat is harmless.</summary>
    /// <param name="key">The log; an empty one is made where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is on disk.</returns>
    Task CompleteAsync(LogKey key, CancellationToken cancellationToken);
}

/// <summary>The answer to an append.</summary>
/// <param name="Positions">Where the log stands now: ship on from there.</param>
/// <param name="Gap">True where a piece began behind its stream's length, so that it and those after it were not taken.</param>
public sealed record LogAppended(LogPositions Positions, bool Gap);
