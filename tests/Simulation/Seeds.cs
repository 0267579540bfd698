using Dispatch.Simulation.Faults;

namespace Dispatch.Simulation;

/// <summary>Plays seeds.</summary>
internal static class Seeds
{
    /// <summary>Failures that are told with their trace.</summary>
    private const int TracesMax = 1;

    /// <summary>Plays a number of seeds, each with its own profile or all with one.</summary>
    public static SeedSummary Play(ulong first, int count, string? profile, TextWriter output)
    {
        var summary = new SeedSummary();
        for (var seed = first; seed < first + (ulong)count; seed++)
        {
            var of = profile is null ? Profile.Of(seed) : Profile.Every.Concat(MutantCatalogue.Directed).First(one => one.Name == profile);
            var world = new World(seed, of);
            var violation = Guarded(world);
            summary = summary with
            {
                Seeds = summary.Seeds + 1,
                Failures = summary.Failures + (violation is null ? 0 : 1),
                Steps = summary.Steps + world.Time.Steps,
                Containers = summary.Containers + world.Oracle.ContainersStarted,
                Kills = summary.Kills + world.Oracle.Kills,
            };
            if (violation is null) continue;
            if (summary.Failures <= TracesMax) output.WriteLine(Traced(seed, of));
            output.WriteLine($"seed {seed} ({of.Name}): {violation}");
        }

        return summary;
    }

    /// <summary>The trace of a seed: the same each time it is played.</summary>
    public static string Traced(ulong seed, Profile profile, Mutant? mutant = null)
    {
        var world = new World(seed, profile, mutant, traced: true);
        Guarded(world);
        return world.Trace;
    }

    public static string? Guarded(World world)
    {
        try
        {
            return world.Play();
        }
        catch (Exception fault)
        {
            world.Fault(fault);
            return world.Oracle.Violation;
        }
    }
}

/// <summary>What came of seeds.</summary>
internal sealed record SeedSummary
{
    public int Seeds { get; init; }

    public int Failures { get; init; }

    public long Steps { get; init; }

    public long Containers { get; init; }

    public long Kills { get; init; }
}
