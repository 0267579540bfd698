using System.Diagnostics;
using System.Globalization;
using Dispatch.Simulation;

if (args is ["mutants", ..])
{
    foreach (var mutant in Dispatch.Simulation.Faults.MutantCatalogue.All.Where(one => args.Length < 2 || one.Rule.Contains(args[1], StringComparison.Ordinal)))
    {
        var started = Stopwatch.StartNew();
        var (seed, violation) = Dispatch.Simulation.Faults.MutantCatalogue.Hunt(mutant, mutant.First, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1500);
        var sound = Seeds.Guarded(new World(seed, mutant.Profile));
        Console.WriteLine($"{mutant.Rule}: seed {seed}, {started.Elapsed.TotalSeconds:0.0} s: {violation ?? "NOT FOUND"}{(sound is null ? "" : $" BUT ALSO WITH THE RULE: {sound}")}");
    }

    return 0;
}

if (args is ["trace", var rule, var of])
{
    var mutant = Dispatch.Simulation.Faults.MutantCatalogue.All.First(one => one.Rule == rule);
    Console.Write(Seeds.Traced(ulong.Parse(of, CultureInfo.InvariantCulture), mutant.Profile, mutant.Make()));
    return 0;
}

if (args is ["directed", ..])
{
    foreach (var one in Dispatch.Simulation.Faults.MutantCatalogue.Directed)
        Console.WriteLine($"{one.Name}: {Seeds.Play(1, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100, one.Name, Console.Out)}");
    return 0;
}

if (!ulong.TryParse(args.Length > 0 ? args[0] : "1", CultureInfo.InvariantCulture, out var first))
{
    Console.Error.WriteLine($"FROM is '{args[0]}': write the first seed, a whole number from 0 on.");
    return 2;
}

if (!int.TryParse(args.Length > 1 ? args[1] : "1000", CultureInfo.InvariantCulture, out var seeds) || seeds < 1 || first > ulong.MaxValue - (ulong)seeds)
{
    Console.Error.WriteLine($"SEEDS is '{args[1]}': write how many seeds are played, from 1 on; FROM and SEEDS together stay below {ulong.MaxValue}.");
    return 2;
}

var profile = args.Length > 2 ? args[2] : null;
var watch = Stopwatch.StartNew();
var summary = Seeds.Play(first, seeds, profile, Console.Out);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Seeds} seeds from {first}: {summary.Failures} failed; {summary.Steps} steps, {summary.Containers} containers, {summary.Kills} of them cut off, {watch.Elapsed.TotalSeconds:0.0} s"));
return summary.Failures == 0 ? 0 : 1;
