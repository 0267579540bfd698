using Dispatch.Simulation.Faults;

namespace Dispatch.Simulation;

public sealed class SimulationTests
{
    private const int SeedsPerTest = 1000;

    [Fact]
    public void A_thousand_seeds_show_what_is_to_be_shown()
    {
        var (summary, told) = Played.OffTheTestsContext(() =>
        {
            var output = new StringWriter();
            return (Seeds.Play(1, SeedsPerTest, null, output), output.ToString());
        });
        Assert.True(summary.Failures == 0, told);
        Assert.True(summary.Containers > SeedsPerTest, $"{summary.Containers} containers are too few to show anything");
        Assert.True(summary.Kills > 0, "nothing was ever cut off: the faults are too mild to show anything");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_seed_replays_exactly(ulong seed)
    {
        var one = Played.OffTheTestsContext(() => Seeds.Traced(seed, Profile.All));
        var other = Played.OffTheTestsContext(() => Seeds.Traced(seed, Profile.All));
        Assert.True(one.Length > 1000);
        Assert.Equal(one, other);
    }
}
