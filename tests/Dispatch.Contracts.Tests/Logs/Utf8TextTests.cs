using System.Text;
using CsCheck;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Logs;

namespace Dispatch.Contracts.Tests.Logs;

public class Utf8TextTests
{
    [Fact]
    public void G06_a_character_split_over_two_pieces_stays_one_character()
    {
        var text = new Utf8Text();
        Assert.Equal("", text.Append([0xE4, 0xB8]));
        Assert.Equal("中\n", text.Append([0xAD, 0x0A]));
        Assert.Equal("", text.End());
    }

    [Fact]
    public void A_reader_that_begins_inside_a_character_passes_its_rest_over()
    {
        var text = new Utf8Text(midStream: true);
        Assert.Equal("", text.Append([0xB8]));
        Assert.Equal("\n", text.Append([0xAD, 0x0A]));
    }

    [Fact]
    public void However_it_is_cut_the_text_is_the_same() =>
        Gen.Select(Gen.String[Gen.OneOf(Gen.Char['a', 'z'], Gen.Char["żłć日本\n\uFEFF"]), 0, 60], Gen.Int[1, 5]).Sample((whole, size) =>
        {
            var text = new Utf8Text();
            var read = string.Concat(Encoding.UTF8.GetBytes(whole).Chunk(size).Select(chunk => text.Append(chunk))) + text.End();
            Assert.Equal(whole, read);
        });

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters_and_nothing_is_lost_behind_them()
    {
        var text = new Utf8Text();
        Assert.Equal("\uFFFDa", text.Append([0xFF, (byte)'a']));
        text.Append([0xE4]);
        Assert.Equal("\uFFFD", text.End());
    }

    [Fact]
    public void A_tail_leaves_out_the_half_character_at_its_cut_and_says_that_it_is_cut()
    {
        var bytes = Encoding.UTF8.GetBytes("日本");
        var tail = OutputTail.Of(new(1, bytes.AsMemory(1), new(0, 6)));
        Assert.Equal(("本", true, 6L), (tail.Text, tail.Truncated, tail.TotalBytes));
        var whole = OutputTail.Of(new(0, bytes, new(0, 6)));
        Assert.Equal(("日本", false), (whole.Text, whole.Truncated));
        var binary = OutputTail.Of(new(0, new byte[] { 0xFF, 0x00 }, new(0, 2)));
        Assert.Null(binary.Text);
        Assert.Equal([0xFF, 0x00], binary.ToBytes());
    }

    [Theory]
    [InlineData("0.0")]
    [InlineData("120.45")]
    public void A_cursor_is_its_text(string text)
    {
        Assert.True(LogCursor.TryParse(text, out var cursor));
        Assert.Equal(text, cursor.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("-1.0")]
    [InlineData("1.2.3")]
    public void What_is_no_cursor_is_refused(string? text) => Assert.False(LogCursor.TryParse(text, out _));
}
