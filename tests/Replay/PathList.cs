namespace Dispatch.Replay.Tests;

/// <summary>The list of the machine's branches: <c>+ branch | history</c> is in that history; <c>- branch</c> is in none, for the reason of the last line that begins with <c>#</c>.</summary>
/// <param name="Kept">The history of each branch that has one.</param>
/// <param name="Open">The reason of each that has none.</param>
internal sealed record PathList(IReadOnlyDictionary<string, string> Kept, IReadOnlyDictionary<string, string> Open)
{
    public const string Name = "paths.txt";
    private const string Head = "# The branches of the job's machine (phase: what happens), each with a kept history that goes through it (+), or without one (-). make record-histories writes this list.";

    /// <summary>Reads the list.</summary>
    /// <param name="file">Where it is.</param>
    public static PathList Read(string file)
    {
        var (kept, open, reason) = (new Dictionary<string, string>(), new Dictionary<string, string>(), "");
        foreach (var line in File.ReadLines(file).Where(line => line.Length > 0))
        {
            switch (line[0])
            {
                case '#': reason = line[1..].Trim(); break;
                case '+' when line[2..].Split(" | ") is [var path, var history]: Assert.True(kept.TryAdd(path, history), line); break;
                case '-': Assert.True(open.TryAdd(line[2..], reason), line); break;
                default: Assert.Fail($"{Name}: '{line}' is none of '# reason', '+ branch | history', '- branch'"); break;
            }
        }

        return new(kept, open);
    }

    /// <summary>Writes it anew: what has a history names the plainest, what had none and still has none keeps its reason.</summary>
    /// <param name="taken">The histories that go through each branch.</param>
    /// <returns>A task that ends when it is written.</returns>
    public static async Task WriteAsync(IReadOnlyDictionary<string, List<string>> taken)
    {
        var lines = new List<string> { Head };
        foreach (var (path, names) in taken.OrderBy(entry => entry.Key, StringComparer.Ordinal)) lines.Add($"+ {path} | {await PlainestAsync(names)}");
        foreach (var reason in Read(Source(Name)).Open.Where(open => !taken.ContainsKey(open.Key)).GroupBy(open => open.Value, open => open.Key))
            lines.AddRange(["", $"# {reason.Key}", .. reason.Order(StringComparer.Ordinal).Select(path => $"- {path}")]);
        await File.WriteAllLinesAsync(Source(Name), lines);
    }

    /// <summary>Where the source of a file of this project is.</summary>
    public static string Source(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dispatch.sln"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException($"No Dispatch.sln above {AppContext.BaseDirectory}."), "tests", "Replay", file);
    }

    /// <summary>One with a name that tells rather than of a random job, then the shortest.</summary>
    private static async Task<string> PlainestAsync(IEnumerable<string> names)
    {
        var sized = new List<(bool Random, int Events, string Name)>();
        foreach (var name in names) sized.Add((name.StartsWith("wander-", StringComparison.Ordinal), (await KeptHistories.ReplayAsync(name)).Events, name));
        return sized.Min().Name;
    }
}
