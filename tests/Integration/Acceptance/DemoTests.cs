using System.Text.RegularExpressions;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>The story that a new user is told first.</summary>
public sealed partial class DemoTests
{
    [Fact]
    [Trait("case", "G32")]
    public async Task The_demo_tells_its_four_stories_and_leaves_nothing()
    {
        var temporary = Directory.CreateTempSubdirectory("dispatch-it-").FullName;

        // A .NET process that is killed leaves its diagnostic pipes: they are switched off, so that what is left is the demo's own.
        await using var demo = RunningProcess.Start(["demo"], new Dictionary<string, string> { ["TMPDIR"] = temporary, ["DOTNET_EnableDiagnostics"] = "0" });

        var ended = await demo.EndAsync(TimeSpan.FromMinutes(4));

        var said = ended.Ok();
        Assert.DoesNotContain('\u001b', said);
        var stories = said.Split("\n== ").Skip(2).ToList();
        Assert.Equal(5, stories.Count);
        Assert.Contains("ended: WorkloadExited, exit code 0, attempts 1", stories[0], StringComparison.Ordinal);
        Assert.Contains("| hello from a process", stories[0], StringComparison.Ordinal);
        Assert.Contains("! and this is stderr", stories[0], StringComparison.Ordinal);
        Assert.Contains("ended: WorkloadExited, exit code 3, attempts 1", stories[1], StringComparison.Ordinal);

        // Adopted: the same attempt, each line once and in order.
        Assert.Contains("ended: WorkloadExited, exit code 0, attempts 1", stories[2], StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 12).Select(line => $"line {line} of 12"), NumberedLine().Matches(stories[2]).Select(line => line.Groups[1].Value));
        Assert.DoesNotContain("WorkerExited", stories[2], StringComparison.Ordinal);

        // Moved: the other worker finished it.
        Assert.Contains("ended: WorkloadExited, exit code 0, attempts 2", stories[3], StringComparison.Ordinal);
        Assert.Contains("WorkerExited", stories[3], StringComparison.Ordinal);
        Assert.Equal(["ada", "bob"], SelectedWorker().Matches(stories[3]).Select(line => line.Groups[1].Value).Order());
        Assert.Contains("| finished", stories[3], StringComparison.Ordinal);
        Assert.Contains("./dispatch dev", stories[4], StringComparison.Ordinal);

        Assert.Empty(HostProcesses.Of(temporary));
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
        Directory.Delete(temporary);
    }

    [GeneratedRegex(@"^  \| (line \d+ of 12)$", RegexOptions.Multiline)]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"WorkerSelected .* (ada|bob):\d+ ", RegexOptions.Multiline)]
    private static partial Regex SelectedWorker();
}
