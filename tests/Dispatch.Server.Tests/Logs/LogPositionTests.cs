using Dispatch.Server.Logs;

namespace Dispatch.Server.Tests.Logs;

public sealed class LogPositionTests
{
    [Theory]
    [InlineData("1:0.0")]
    [InlineData("12:4096.77")]
    public void A_position_is_read_as_it_was_written(string text)
    {
        Assert.True(LogPosition.TryParse(text, out var position));
        Assert.Equal(text, position.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0:0.0")]
    [InlineData("1:0")]
    [InlineData("1:-1.0")]
    [InlineData("x:1.1")]
    [InlineData("1.1")]
    public void Anything_else_is_none(string text) => Assert.False(LogPosition.TryParse(text, out _));
}
