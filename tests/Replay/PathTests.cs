namespace Dispatch.Replay.Tests;

/// <summary>
/// Each branch of the job's machine is gone through by a kept history, or is named in <c>paths.txt</c> with the reason why not; <c>histories.txt</c> says what happens in each
/// history. Where histories are recorded, both are written anew.
/// </summary>
public sealed class PathTests
{
    /// <summary>Set where <c>make record-histories</c> runs.</summary>
    private static readonly bool Records = Environment.GetEnvironmentVariable("DISPATCH_RECORD_HISTORIES") == "1";

    private static string File(string name) => Records ? PathList.Source(name) : Path.Combine(AppContext.BaseDirectory, name);

    [Fact]
    public async Task Every_branch_of_the_machine_has_a_kept_history_or_is_named_with_a_reason()
    {
        var taken = new Dictionary<string, List<string>>();
        foreach (var name in KeptHistories.Names)
        {
            foreach (var path in (await KeptHistories.ReplayAsync(name)).Paths)
            {
                if (!taken.TryGetValue(path, out var names)) taken.Add(path, names = []);
                names.Add(name);
            }
        }

        if (Records) await PathList.WriteAsync(taken);
        var list = PathList.Read(File(PathList.Name));
        Assert.Empty(taken.Keys.Except(list.Kept.Keys).Select(path => $"a kept history goes through this, and paths.txt does not have it; run 'make record-histories': {path}"));
        Assert.Empty(list.Kept.Where(kept => !taken.GetValueOrDefault(kept.Key, []).Contains(kept.Value)).Select(kept => $"{kept.Value} does not go through: {kept.Key}"));
        Assert.Empty(list.Open.Where(open => open.Value.Length == 0).Select(open => $"no reason: {open.Key}"));
        Assert.Empty(list.Kept.Keys.Intersect(list.Open.Keys));
    }

    [Fact]
    public async Task The_list_of_histories_says_what_happens_in_each()
    {
        var lines = new List<string> { "# The kept histories, each with its operations in short. Which history goes through which branch of the job's machine is in paths.txt." };
        foreach (var name in KeptHistories.Names) lines.Add($"{name} | {await KeptHistories.StepsAsync(name)}");
        if (Records) await System.IO.File.WriteAllLinesAsync(File("histories.txt"), lines);
        Assert.Equal(lines, await System.IO.File.ReadAllLinesAsync(File("histories.txt")));
    }
}
