using Dispatch.Engine.Frontend;

namespace Dispatch.Engine.Tests.Frontend;

public class TransportTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("5S", null)]
    [InlineData("70000000u", null)]
    [InlineData("99999999H", null)]
    [InlineData("S", "transport: timeout string is too short: \"S\"")]
    [InlineData("123456789S", "transport: timeout string is too long: \"123456789S\"")]
    [InlineData("5x", "transport: timeout unit is not recognized: \"5x\"")]
    [InlineData("-5S", "strconv.ParseUint: parsing \"-5\": invalid syntax")]
    public void A_malformed_time_out_is_told(string? text, string? complaint) => Assert.Equal(complaint, GrpcTimeout.Complaint(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(">=1.0.0 <2.0.0")]
    [InlineData(">=9.0.0 || =1.32.0")]
    [InlineData("whatever")]
    public void A_caller_that_supports_the_version_is_served(string? range) => ServerVersion.Check(range);

    [Theory]
    [InlineData(">=99.0.0")]
    [InlineData("<1.32.0")]
    [InlineData("!=1.32.0")]
    [InlineData(">=1.0.0 <1.2.0 || >2.0.0")]
    public void A_caller_that_does_not_is_refused(string range) =>
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, Assert.Throws<EngineException>(() => ServerVersion.Check(range)).Code);
}
