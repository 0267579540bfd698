using System.Text;
using CsCheck;
using Dispatch.Contracts.Logs;

namespace Dispatch.Contracts.Tests.Logs;

public class TimedLinesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void However_the_pieces_are_cut_the_lines_are_the_same() =>
        Gen.Select(Gen.String[Gen.Char["ab中\n"], 0, 40], Gen.Int[1, 7]).Sample((whole, size) =>
        {
            var lines = new TimedLines();
            var found = Encoding.UTF8.GetBytes(whole).Chunk(size).SelectMany((chunk, i) => lines.Append(Piece(OutputStream.Stdout, i, chunk))).ToList();
            found.AddRange(lines.End());
            Assert.Equal(whole, string.Concat(found.Select(line => line.Text + (line.Ended ? "\n" : ""))));
            Assert.Equal(found.Select(line => line.Time).Order(), found.Select(line => line.Time));
        });

    [Fact]
    public void A_line_has_the_time_of_its_first_byte_and_the_streams_do_not_mix()
    {
        var lines = new TimedLines();
        Assert.Empty(lines.Append(Piece(OutputStream.Stdout, 1, "a"u8.ToArray())));
        Assert.Empty(lines.Append(Piece(OutputStream.Stderr, 2, "x"u8.ToArray())));
        var first = Assert.Single(lines.Append(Piece(OutputStream.Stdout, 3, "b\nc"u8.ToArray())));
        Assert.Equal(("ab", Start.AddSeconds(1)), (first.Text, first.Time));
        Assert.Equal([("c", Start.AddSeconds(3), false), ("x", Start.AddSeconds(2), false)], lines.End().Select(line => (line.Text, line.Time, line.Ended)));
    }

    [Fact]
    public void A_line_without_end_is_given_out_in_parts()
    {
        var lines = new TimedLines();
        var part = Assert.Single(lines.Append(Piece(OutputStream.Stdout, 1, new byte[TimedLines.LineCharactersMax])));
        Assert.False(part.Ended);
        Assert.Empty(lines.End());
    }

    private static LogPiece Piece(OutputStream stream, int second, byte[] bytes) => new(stream, 0, Start.AddSeconds(second), bytes);
}
