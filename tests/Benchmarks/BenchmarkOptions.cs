namespace Dispatch.Benchmarks;

/// <summary>What is measured, and how much of it.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>The parts of a whole run.</summary>
    public static IReadOnlyList<string> MeasuredParts { get; } = ["memory", "apart", "postgres", "container", "router", "recovery"];

    /// <summary>The executable under measurement, as users have it.</summary>
    public required string Executable { get; init; }

    /// <summary>The parts to run; empty runs all.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>Whether every part of a whole run is measured.</summary>
    public bool IsWhole => Parts.Count == 0 || !MeasuredParts.Except(Parts).Any();

    /// <summary>Factor on every count: 1 measures, less only shows that everything works.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Where table and JSON go; null prints the table only.</summary>
    public string? ResultsFolder { get; init; }

    /// <summary>A count, scaled, at least the given least.</summary>
    public int Count(int full, int least = 2) => Math.Max(least, (int)(full * Scale));

    /// <summary>Reads a command line.</summary>
    /// <exception cref="BenchmarkException">It cannot be understood.</exception>
    public static BenchmarkOptions Read(IReadOnlyList<string> arguments)
    {
        var options = new BenchmarkOptions { Executable = "" };
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : throw new BenchmarkException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--dispatch" => options with { Executable = Path.GetFullPath(value) },
                "--parts" => options with { Parts = value.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                "--scale" => options with { Scale = double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var scale) && scale is > 0 and <= 10 ? scale : throw new BenchmarkException($"--scale is '{value}': write a number above 0, at most 10.") },
                "--results" => options with { ResultsFolder = Path.GetFullPath(value) },
                _ => throw new BenchmarkException($"'{arguments[i]}' is no option; there are --dispatch, --parts, --scale and --results."),
            };
        }

        return File.Exists(options.Executable)
            ? options
            : throw new BenchmarkException($"--dispatch is '{options.Executable}', where no executable is: `make publish` builds one.");
    }
}
