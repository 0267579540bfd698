namespace Dispatch.Workflows.Tests.Jobs;

/// <summary>The list of the machine's branches that the replay corpus is held to has every branch that random jobs find, and none that they do not.</summary>
public sealed class PathListTests
{
    private const int Jobs = 30_000;

    [Fact]
    public void The_list_of_branches_is_what_random_jobs_go_through()
    {
        var found = JobPropertyTests.Explore(Jobs);
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "paths.txt"));
        var listed = lines.Where(line => line.StartsWith("+ ", StringComparison.Ordinal) || line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..].Split(" | ")[0]).ToHashSet();

        Assert.Empty(found.Except(listed).Select(path => $"new, to be added to tests/Replay/paths.txt: {path}"));
        // What a history goes through exists whether or not random jobs happen upon it.
        Assert.Empty(lines.Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..]).Except(found).Select(path => $"no longer there, to be taken out of tests/Replay/paths.txt: {path}"));
    }
}
