using System.Diagnostics;
using System.Globalization;
using Dispatch.Simulation;

var first = args.Length > 0 ? ulong.Parse(args[0], CultureInfo.InvariantCulture) : 1;
var seeds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1000;
var profile = args.Length > 2 ? args[2] : null;
var watch = Stopwatch.StartNew();
var summary = Seeds.Play(first, seeds, profile, Console.Out);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Seeds} seeds from {first}: {summary.Failures} failed; {summary.Steps} steps, {summary.Containers} containers, {summary.Kills} of them cut off, {watch.Elapsed.TotalSeconds:0.0} s"));
return summary.Failures == 0 ? 0 : 1;
