using CsCheck;
using Dispatch.Contracts.Jobs;

namespace Dispatch.Contracts.Tests.Jobs;

public class TextFormTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1m500ms", 60_500)]
    [InlineData("1.5s", 1_500)]
    [InlineData("0s", 0)]
    [InlineData("PT5M", 300_000)]
    [InlineData("P1DT2H", 93_600_000)]
    [InlineData("P1W", 604_800_000)]
    [InlineData("PT0.5S", 500)]
    public void A_duration_is_read(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("-5s")]
    [InlineData("+5s")]
    [InlineData(" 5s")]
    [InlineData("5s ")]
    [InlineData("5S")]
    [InlineData("1m1h")]
    [InlineData("1s1s")]
    [InlineData("5sec")]
    [InlineData("5min")]
    [InlineData("1d")]
    [InlineData("1..5s")]
    [InlineData("0.0001s")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("PT5")]
    [InlineData("99999999999999999h")]
    [InlineData("999999999999999999999999999999999h")]
    public void What_is_no_duration_is_refused(string? text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public void Every_duration_is_read_back_as_it_was_written() => Gen.Long[0, 400L * 86_400_000].Sample(milliseconds =>
    {
        Assert.True(DurationText.TryParse(DurationText.Format(TimeSpan.FromMilliseconds(milliseconds)), out var read));
        Assert.Equal(milliseconds, read.TotalMilliseconds);
    });

    [Theory]
    [InlineData("1024", 1024)]
    [InlineData("1Ki", 1024)]
    [InlineData("1K", 1000)]
    [InlineData("256Mi", 268_435_456)]
    [InlineData("500M", 500_000_000)]
    [InlineData("1.5Gi", 1_610_612_736)]
    [InlineData("2G", 2_000_000_000)]
    public void A_size_is_read(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1 Gi")]
    [InlineData("1k")]
    [InlineData("1MB")]
    [InlineData("1MiB")]
    [InlineData("Gi")]
    [InlineData("1e3")]
    [InlineData("99999999999Gi")]
    [InlineData("9223372036854775808")]
    public void What_is_no_size_is_refused(string text) => Assert.False(SizeText.TryParse(text, out _));

    [Fact]
    public void Every_size_is_read_back_as_it_was_written() => Gen.Long[0, long.MaxValue].Sample(bytes =>
    {
        Assert.True(SizeText.TryParse(SizeText.Format(bytes), out var read));
        Assert.Equal(bytes, read);
    });

    [Theory]
    [InlineData("zone in a,b", "zone in a,b")]
    [InlineData(" zone  notin  a , b ", "zone notin a,b")]
    [InlineData("cores > 10", "cores > 10")]
    [InlineData("cores<2.5", "cores < 2.5")]
    [InlineData("ssd exists", "ssd exists")]
    [InlineData("router != 1", "router != 1")]
    [InlineData("zone=a", "zone = a")]
    [InlineData("zone!=a", "zone != a")]
    [InlineData("zone = a b", "zone = a b")]
    [InlineData("inside = 1", "inside = 1")]
    public void A_typed_constraint_is_read(string text, string canonical)
    {
        Assert.True(LabelConstraintText.TryParse(text, out var constraint, out _));
        Assert.Equal(canonical, LabelConstraintText.Format(constraint));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("zone")]
    [InlineData("zone a")]
    [InlineData("= a")]
    [InlineData("zone == a")]
    [InlineData("zone >= 1")]
    [InlineData("cores > many")]
    [InlineData("zone ina")]
    [InlineData("zone exists x")]
    [InlineData("-a exists")]
    [InlineData("zone in")]
    [InlineData("zone in a,,b")]
    [InlineData("zone notin ,")]
    public void What_is_no_constraint_is_refused_with_its_reason(string? text)
    {
        Assert.False(LabelConstraintText.TryParse(text, out _, out var error));
        Assert.Contains("is no constraint", error, StringComparison.Ordinal);
    }
}
