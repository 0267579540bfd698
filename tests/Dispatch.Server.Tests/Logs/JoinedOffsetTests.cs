using System.Text;
using Dispatch.Contracts.Logs;
using Dispatch.Server.Logs;

namespace Dispatch.Server.Tests.Logs;

public sealed class JoinedOffsetTests
{
    [Theory]
    [InlineData(0, "abcdefgh")]
    [InlineData(1, "bcdefgh")]
    [InlineData(3, "defgh")]
    [InlineData(5, "fgh")]
    [InlineData(6, "gh")]
    [InlineData(8, "")]
    [InlineData(80, "")]
    public void The_offset_counts_over_all_attempts(long offset, string rest)
    {
        var skip = new JoinedOffset(offset);
        (int Attempt, long Offset, string Text)[] pieces = [(1, 0, "ab"), (1, 2, "cde"), (2, 0, "f"), (4, 0, "gh")];
        var got = string.Concat(pieces.Select(piece => Encoding.ASCII.GetString(skip.Rest(piece.Attempt, Piece(piece.Offset, piece.Text)).Span)));
        Assert.Equal(rest, got);
    }

    [Fact]
    public void Bytes_that_were_dropped_count() => Assert.Equal("f", Encoding.ASCII.GetString(new JoinedOffset(5).Rest(1, Piece(3, "def")).Span));

    private static LogPiece Piece(long offset, string text) => new(OutputStream.Stdout, offset, DateTimeOffset.UnixEpoch, Encoding.ASCII.GetBytes(text));
}
