using Dispatch.Contracts;
using Dispatch.Registry.Expiry;

namespace Dispatch.Registry.Tests;

public sealed class ExpiryWatchTests
{
    private readonly ExpiryWatch watch = new(TimeSpan.FromSeconds(1));

    [Fact]
    public void A_counter_unchanged_for_half_and_for_all_of_a_lease_is_found()
    {
        var findings = Enumerable.Range(0, 9).Select(second => Look(counter: 1, second)).ToArray();
        Assert.Empty(findings[3].Silent);
        Assert.Single(findings[4].Silent);
        Assert.Empty(findings[6].Lost);
        Assert.Equal(new WorkerSilence(new("w"), 1, 1), findings[7].Lost.Single());
    }

    [Fact]
    public void A_counter_that_moves_starts_anew()
    {
        for (var second = 0; second < 60; second++)
        {
            var findings = Look(counter: second / 3, second);
            Assert.Empty(findings.Silent);
            Assert.Empty(findings.Lost);
        }
    }

    [Fact]
    public void A_watcher_that_was_frozen_restarted_or_met_a_clock_jump_only_delays()
    {
        Look(counter: 1, second: 0);
        foreach (var second in (double[])[3600, 3601, 5])
        {
            var findings = Look(counter: 1, second);
            Assert.Empty(findings.Silent);
            Assert.Empty(findings.Lost);
        }

        Assert.Empty(new ExpiryWatch(TimeSpan.FromSeconds(1)).Look(Facts(1), TimeSpan.FromHours(9), TimeSpan.FromHours(9)).Lost);
    }

    [Fact]
    public void Time_that_the_registry_took_to_answer_is_not_silence()
    {
        for (var second = 0; second < 100; second++)
        {
            // Each look begins when the last has just been answered: nothing passes between them.
            var findings = watch.Look(Facts(1), TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(second + 1));
            Assert.Empty(findings.Lost);
        }
    }

    private static ExpiryFacts Facts(long counter) => new([new WorkerPulse(new("w"), 1, counter, TimeProfile.Fast, 1)], []);

    private ExpiryFindings Look(long counter, double second) => watch.Look(Facts(counter), TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(second));
}
