using System.Text;

namespace Dispatch.Contracts.Logs;

/// <summary>One line of output.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="Time">When its first byte was captured, UTC.</param>
/// <param name="Text">Its text, without the newline.</param>
/// <param name="Ended">Whether a newline ended it; false for the rest at a stream's end, and for a part of a line longer than <see cref="TimedLines.LineCharactersMax"/>.</param>
public sealed record TimedLine(OutputStream Stream, DateTimeOffset Time, string Text, bool Ended);

/// <summary>Makes lines of followed pieces, one time stamp a line, however the pieces were cut. Not for several threads.</summary>
/// <param name="midStream">True where following begins behind the streams' start.</param>
public sealed class TimedLines(bool midStream = false)
{
    /// <summary>Characters after which an unfinished line is given out in parts: 1,048,576.</summary>
    public const int LineCharactersMax = 1 << 20;

    private readonly Side _stdout = new(OutputStream.Stdout, midStream);
    private readonly Side _stderr = new(OutputStream.Stderr, midStream);

    /// <summary>Takes the next piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <returns>The lines that it ends.</returns>
    public IReadOnlyList<TimedLine> Append(LogPiece piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return (piece.Stream == OutputStream.Stdout ? _stdout : _stderr).Append(piece);
    }

    /// <summary>Ends both streams.</summary>
    /// <returns>What stands behind their last newlines.</returns>
    public IReadOnlyList<TimedLine> End() => [.. _stdout.End(), .. _stderr.End()];

    private sealed class Side(OutputStream stream, bool midStream)
    {
        private readonly Utf8Text _text = new(midStream);
        private readonly StringBuilder _line = new();
        private DateTimeOffset? _begun;

        public List<TimedLine> Append(LogPiece piece)
        {
            var lines = new List<TimedLine>();
            if (piece.Bytes.IsEmpty)
                return lines;
            _begun ??= piece.Time;
            var text = _text.Append(piece.Bytes.Span).AsSpan();
            while (text.IndexOf('\n') is >= 0 and var end)
            {
                _line.Append(text[..end]);
                lines.Add(Take(ended: true, piece.Time));
                text = text[(end + 1)..];
                _begun = text.Length > 0 ? piece.Time : null;
            }

            _line.Append(text);
            if (_line.Length >= LineCharactersMax)
                lines.Add(Take(ended: false, piece.Time));
            return lines;
        }

        public List<TimedLine> End()
        {
            _line.Append(_text.End());
            return _line.Length > 0 ? [Take(ended: false, _begun ?? default)] : [];
        }

        private TimedLine Take(bool ended, DateTimeOffset now)
        {
            var line = new TimedLine(stream, _begun ?? now, _line.ToString(), ended);
            _line.Clear();
            return line;
        }
    }
}
