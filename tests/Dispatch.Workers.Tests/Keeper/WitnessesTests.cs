using Dispatch.Contracts;
using Dispatch.Workers.Keeper;
using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

public sealed class WitnessesTests
{
    [Theory]
    [InlineData(0.0, null, null, 17.0)]
    [InlineData(null, 0.0, null, 17.0)]
    [InlineData(0.0, 5.0, null, 22.0)]
    [InlineData(9.0, 5.0, null, 26.0)]
    [InlineData(null, null, 30.0, 30.0)]
    [InlineData(0.0, null, 30.0, 30.0)]
    [InlineData(20.0, null, 30.0, 37.0)]
    public void Permission_ends_one_kill_budget_before_the_later_witness(double? renewal, double? heartbeat, double? inherited, double ends)
    {
        var witnesses = new Witnesses { RenewalSentAt = Time(renewal), HeartbeatSentAt = Time(heartbeat), Inherited = Time(inherited) };
        Assert.Equal(Seconds(ends), witnesses.PermissionEnds(Times));
    }

    [Fact]
    public void Without_any_witness_there_is_no_permission() => Assert.Null(new Witnesses().PermissionEnds(Times));

    [Fact]
    public void An_answer_that_comes_after_a_newer_one_lowers_nothing()
    {
        var witnesses = new Witnesses().Renewed(Seconds(8)).Renewed(Seconds(4)).Heartbeaten(Seconds(6)).Heartbeaten(Seconds(2));
        Assert.Equal(Seconds(8), witnesses.RenewalSentAt);
        Assert.Equal(Seconds(6), witnesses.HeartbeatSentAt);
    }

    [Fact]
    public void Heartbeats_are_sent_at_least_three_times_within_the_time_out_that_the_activity_really_has()
    {
        var times = WitnessTimes.Of(TimeProfile.Normal, Seconds(6));
        Assert.Equal(Seconds(6), times.HeartbeatTimeout);
        Assert.Equal(Seconds(2), times.HeartbeatEvery);
        Assert.Equal(Seconds(2), times.HeartbeatCall);
        Assert.Equal(TimeProfile.Normal.HeartbeatEvery, WitnessTimes.Of(TimeProfile.Normal, null).HeartbeatEvery);
    }

    private static TimeSpan? Time(double? seconds) => seconds is { } given ? Seconds(given) : null;
}
