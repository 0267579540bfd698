using Dispatch.Simulation.Faults;
using Xunit.Abstractions;

namespace Dispatch.Simulation;

/// <summary>Each rule that a simpler hand-over lacked, switched off: the simulation finds what happens without it.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    /// <summary>Seeds within which a mutant must be found.</summary>
    private const int SeedsMost = 1500;

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_the_rule_something_is_violated(string rule)
    {
        var one = MutantCatalogue.All.First(mutant => mutant.Rule == rule);
        var (seed, violation) = Played.OffTheTestsContext(() => MutantCatalogue.Hunt(one, one.First, SeedsMost));
        output.WriteLine($"seed {seed}: {violation}");
        Assert.True(violation is not null, $"{SeedsMost} seeds found nothing without the rule \"{rule}\"");
        Assert.Null(Played.OffTheTestsContext(() => Seeds.Guarded(new World(seed, one.Profile))));
        Assert.Contains(one.Shows, says => violation!.Contains(says, StringComparison.Ordinal));
    }

    public static TheoryData<string> Names() => [.. MutantCatalogue.All.Select(mutant => mutant.Rule)];
}
