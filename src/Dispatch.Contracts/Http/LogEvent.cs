using Dispatch.Contracts.Logs;

namespace Dispatch.Contracts.Http;

/// <summary>The data of one server-sent event of a log. Its event name is <see cref="Output"/>, <see cref="Missing"/> or <see cref="End"/>, the id of output the cursor behind it (<see cref="LogCursor"/>).</summary>
public sealed record LogEvent
{
    /// <summary>Event name: bytes of one stream.</summary>
    public const string Output = "output";

    /// <summary>Event name: the rest of an attempt's output has not come from its worker; <see cref="Text"/> says what is missing. Another reader may find it later.</summary>
    public const string Missing = "missing";

    /// <summary>Event name: nothing more comes; the connection closes.</summary>
    public const string End = "end";

    /// <summary>The attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Output: <c>stdout</c> or <c>stderr</c>.</summary>
    public string? Stream { get; init; }

    /// <summary>Output: where the bytes stand in the stream. Behind the reader's cursor, where older output was dropped.</summary>
    public long? Offset { get; init; }

    /// <summary>Output: when they were captured, UTC.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Output: the bytes, base64 in JSON. Decode them with <see cref="Utf8Text"/>, which joins what pieces have cut.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Output: the same bytes as text, decoded over the borders of pieces: a character that is cut here comes whole with the next event. Missing: what is missing, for people.</summary>
    public string? Text { get; init; }

    /// <summary>Makes the event of a piece.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="piece">The piece.</param>
    /// <returns>The event.</returns>
    public static LogEvent Of(int attempt, LogPiece piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return new()
        {
            Attempt = attempt,
            Stream = piece.Stream == OutputStream.Stdout ? "stdout" : "stderr",
            Offset = piece.Offset,
            Time = piece.Time,
            Bytes = piece.Bytes.ToArray(),
        };
    }

    /// <summary>The piece of an output event.</summary>
    /// <returns>The piece.</returns>
    /// <exception cref="FormatException">It is not an output event.</exception>
    public LogPiece ToPiece() => (Stream, Offset, Time, Bytes) switch
    {
        ("stdout" or "stderr", long offset, DateTimeOffset time, { } bytes) =>
            new(Stream == "stdout" ? OutputStream.Stdout : OutputStream.Stderr, offset, time, bytes),
        _ => throw new FormatException("A log event needs stream (stdout or stderr), offset, time and bytes."),
    };
}

/// <summary>What a worker ships: pieces of one attempt's output.</summary>
public sealed record LogShipment
{
    /// <summary>The log.</summary>
    public required LogKey Key { get; init; }

    /// <summary>The pieces, in the order of capture; none only asks for the positions. At most 4 MiB of bytes.</summary>
    public IReadOnlyList<LogPiece> Pieces { get; init; } = [];

    /// <summary>Whether nothing more will come after these.</summary>
    public bool Complete { get; init; }
}
