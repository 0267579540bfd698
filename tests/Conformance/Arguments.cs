using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Dispatch.Conformance;

/// <summary>What the runner was asked to do.</summary>
internal sealed record Arguments
{
    public const string Usage = """
        Usage: Conformance [options] PATH...
          PATH              a recording, or a folder of them
          --jobs N          scenarios at a time (default 8)
          --limit SECONDS   longest that a scenario may take (default 120)
          --known FILE      scenarios that are known to fail, one a line: NAME, blanks, reason
          --address H:P     a running server, instead of a fresh engine in this process
          --cli FOLDER      also what the Temporal CLI sends, a story of commands with a worker of our own
          --verbose         name the scenarios that pass, and print every difference
          --self-test       check the comparison itself, and what is refused
        Exit code: 0 all passed (or are known to fail), 1 some failed, 2 wrong usage.
        """;

    public IReadOnlyList<string> Paths { get; init; } = [];

    public int Jobs { get; init; } = 8;

    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(120);

    public string? Known { get; init; }

    public string? Address { get; init; }

    public string? Cli { get; init; }

    public bool Verbose { get; init; }

    public static bool TryParse(string[] args, out Arguments arguments, [NotNullWhen(false)] out string? complaint)
    {
        arguments = new Arguments();
        complaint = null;
        var paths = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--verbose":
                    arguments = arguments with { Verbose = true };
                    continue;
                case "--jobs" when int.TryParse(value, CultureInfo.InvariantCulture, out var jobs) && jobs > 0:
                    arguments = arguments with { Jobs = jobs };
                    break;
                case "--limit" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    arguments = arguments with { Limit = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--known" when File.Exists(value):
                    arguments = arguments with { Known = value };
                    break;
                case "--cli" when Directory.Exists(value):
                    arguments = arguments with { Cli = value };
                    break;
                case "--address" when value.Contains(':', StringComparison.Ordinal):
                    arguments = arguments with { Address = value };
                    break;
                case var option when option.StartsWith("--", StringComparison.Ordinal):
                    complaint = $"{option} {value}: unknown option or bad value";
                    return false;
                case var path when File.Exists(path) || Directory.Exists(path):
                    paths.Add(path);
                    continue;
                case var path:
                    complaint = $"{path}: no such file or folder";
                    return false;
            }

            i++;
        }

        arguments = arguments with { Paths = paths };
        complaint = paths.Count == 0 && arguments.Cli is null ? "No recording given." : null;
        return complaint is null;
    }
}
