using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>The keeper in a whole world, killed at every step and cut off in every way.</summary>
public sealed class KeeperWorldTests
{
    [Fact]
    public void An_undisturbed_attempt_delivers_its_code()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var world = Live(seed, new());
            Assert.Equal(7, world.Delivered!.Result!.Outcome.Code);
            Assert.Equal(world.Delivered, world.Returned);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(30)]
    public void Killed_at_any_step_it_starts_nothing_twice_and_loses_no_outcome(double downtime)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var undisturbed = Live(seed, new());
            for (var step = 0; step < undisturbed.Steps; step++)
            {
                var world = Live(seed, new() { CrashAtStep = step, Downtime = downtime });
                if (world.EndedByItself)
                {
                    var report = world.Delivered ?? world.Returned;
                    Assert.True(report is { Result.Outcome.Code: 7 } or { Failure: not null }, $"seed {seed}, step {step}: {report}");
                    Assert.True(report!.Result is not null || downtime > 8 || Unknown(world), $"seed {seed}, step {step}: the outcome was lost");
                }
            }
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void An_outage_of_one_witness_alone_kills_nothing(bool registry, bool temporal)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var plan = new WorldPlan { Workload = Seconds(100) };
            var world = Live(seed, plan with { RegistryAway = registry ? [(6, 90)] : [], TemporalAway = temporal ? [(6, 90)] : [] });
            Assert.True(world.EndedByItself);
            Assert.Equal(7, (world.Delivered ?? world.Returned)!.Result!.Outcome.Code);
        }
    }

    [Fact]
    public void Cut_off_from_both_it_is_gone_before_another_attempt_may_begin()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var world = Live(seed, new() { Workload = Seconds(300), RegistryAway = [(10 + (seed % 20), 400)], TemporalAway = [(10 + (seed % 13), 400)] });
            Assert.False(world.EndedByItself);
        }
    }

    [Fact]
    public void Random_outages_and_crashes_break_no_rule()
    {
        for (var seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            (double, double)[] Outages() => [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.NextDouble() * 80).Select(from => (from, from + (random.NextDouble() * 40)))];
            Live(seed, new()
            {
                Workload = Seconds(1 + (random.NextDouble() * 90)),
                RunLimit = Seconds(random.Next(2) == 0 ? 1800 : 30),
                PullSeconds = random.NextDouble() * 30,
                StartSeconds = random.NextDouble() * 20,
                CrashAtStep = random.Next(3) > 0 ? random.Next(60) : null,
                Downtime = random.NextDouble() * 40,
                RegistryAway = Outages(),
                TemporalAway = Outages(),
            });
        }
    }

    /// <summary>The start was under way when the worker died: it is never known, so it is lost.</summary>
    private static bool Unknown(KeeperWorld world) => (world.Delivered ?? world.Returned)!.Failure!.Message.Contains("between taking the job and", StringComparison.Ordinal);

    private static KeeperWorld Live(int seed, WorldPlan plan)
    {
        var world = new KeeperWorld(seed, plan);
        world.Run();
        Assert.True(world.Violations.Count == 0, $"seed {seed}, {plan}:\n" + string.Join("\n", world.Violations));
        return world;
    }
}
