using Dispatch.Workflows.Replay;

namespace Dispatch.Replay.Tests;

/// <summary>Each branch of the job's machine is gone through by a kept history, or is named in <c>paths.txt</c> with the reason why not.</summary>
public sealed class PathTests
{
    private static readonly string Folder = AppContext.BaseDirectory;

    [Fact]
    public async Task Every_branch_of_the_machine_has_a_kept_history_or_is_named_with_a_reason()
    {
        var taken = new HashSet<string>();
        foreach (var path in Directory.GetFiles(Path.Combine(Folder, "histories"), "*.json"))
            taken.UnionWith((await JobReplayer.ReplayAsync(HistoryFile.Read(await File.ReadAllTextAsync(path)))).Paths);
        var (kept, open) = Read();

        Assert.Empty(kept.Except(taken).Select(path => $"no kept history goes through: {path}; record one with 'make record-histories'"));
        Assert.Empty(taken.Except(kept).Select(path => $"a kept history goes through this, and paths.txt does not have it as kept: {path}"));
        Assert.Empty(open.Where(pair => pair.Value.Length == 0).Select(pair => $"no reason: {pair.Key}"));
        Assert.Empty(kept.Intersect(open.Keys));
    }

    /// <summary>Reads the list: <c>+ path</c> has a kept history; <c>- path</c> has none, for the reason of the last line that begins with <c>#</c>.</summary>
    private static (HashSet<string> Kept, Dictionary<string, string> Open) Read()
    {
        var (kept, open, reason) = (new HashSet<string>(), new Dictionary<string, string>(), "");
        foreach (var line in File.ReadLines(Path.Combine(Folder, "paths.txt")).Where(line => line.Length > 0))
        {
            switch (line[0])
            {
                case '#': reason = line[1..].Trim(); break;
                case '+': Assert.True(kept.Add(line[2..]), line); break;
                case '-': Assert.True(open.TryAdd(line[2..], reason), line); break;
                default: Assert.Fail($"paths.txt: '{line}' begins with none of '#', '+', '-'"); break;
            }
        }

        return (kept, open);
    }
}
