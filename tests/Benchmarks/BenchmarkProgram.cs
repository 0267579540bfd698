using Dispatch.Benchmarks.Parts;
using Dispatch.Benchmarks.Reporting;

namespace Dispatch.Benchmarks;

/// <summary>Measures part after part. A part whose jobs do not end as they must ends the whole with a fault and without results.</summary>
internal static class BenchmarkProgram
{
    private static readonly string[] Parts = [.. BenchmarkOptions.MeasuredParts, "glance", "glance-postgres"];

    /// <summary>Runs it.</summary>
    /// <param name="arguments">See <see cref="BenchmarkOptions"/>.</param>
    /// <returns>0, or 1 where something was wrong.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            var options = BenchmarkOptions.Read(arguments);
            if (options.Parts.Except(Parts).FirstOrDefault() is { } unknown)
                throw new BenchmarkException($"--parts names '{unknown}'; there are {string.Join(", ", Parts)}.");
            if (options.Parts.Count > 1 && options.Parts.Except(BenchmarkOptions.MeasuredParts).FirstOrDefault() is { } glance)
                throw new BenchmarkException($"--parts names {glance} beside others; it is run by itself and leaves no results.");
            var results = new Results(Machine.Read(), DateTimeOffset.UtcNow);
            bool Wants(string part) => options.Parts.Count == 0 || options.Parts.Contains(part);
            if (options.Parts is ["glance" or "glance-postgres"])
            {
                // For work on the code: a few numbers in seconds, without floors and without results.
                await (options.Parts[0] == "glance" ? JobPart.GlanceAsync(options, results) : JobPart.GlanceAtPostgresAsync(options, results));
                return 0;
            }

            if (Wants("router"))
                RouterPart.Run(options, results);
            if (Wants("recovery"))
                await RecoveryPart.RunAsync(options, results);
            if (Wants("container"))
                await ContainerPart.RunAsync(options, results);
            if (!Wants("memory") && !Wants("apart") && !Wants("postgres"))
                return Finish(options, results);
            var floors = ProcessFloors.Measure(options, results);
            var shape = await ShapePart.RunAsync(options, results);
            if (Wants("memory"))
                await JobPart.InMemoryAsync(options, results, floors, shape);
            if (Wants("apart"))
                await JobPart.WorkerApartAsync(options, results, floors, shape);
            if (Wants("postgres"))
                await JobPart.PostgresAsync(options, results, floors, shape);
            return Finish(options, results);
        }
        catch (BenchmarkException wrong)
        {
            Console.Error.WriteLine($"bench: {wrong.Message}");
            return 1;
        }
    }

    private static int Finish(BenchmarkOptions options, Results results)
    {
        if (options.ResultsFolder is { } folder)
            results.Write(folder, options.IsWhole ? null : string.Join('-', options.Parts));
        return 0;
    }
}
