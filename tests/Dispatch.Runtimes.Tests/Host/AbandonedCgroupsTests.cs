using Dispatch.Runtimes.Host;

namespace Dispatch.Runtimes.Tests.Host;

/// <summary>What guards that were killed leave in the cgroup hierarchies, on folders that stand in for them.</summary>
public sealed class AbandonedCgroupsTests : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("dispatch-cgroups-").FullName;

    public void Dispose() => Directory.Delete(_mount, recursive: true);

    [Fact]
    public void A_starting_guard_removes_what_is_left_beside_it_and_in_the_sessions_beside_its_own()
    {
        var own = Make("memory/sessions/two/dispatch-a");
        Make("memory/sessions/two/dispatch-b/attempt");
        Make("memory/sessions/one/dispatch-a/attempt");
        Make("memory/sessions/one/other");
        Make("memory/dispatch-c");

        CgroupTree.RemoveAbandoned(own, _mount, IsName);

        Assert.Equal(["memory/dispatch-c", "memory/sessions/one/other", "memory/sessions/two/dispatch-a"], Leaves());
    }

    [Fact]
    public void At_the_root_of_a_hierarchy_the_other_hierarchies_are_left_alone()
    {
        var own = Make("pids/dispatch-a");
        Make("pids/dispatch-b");
        Make("cpu/dispatch-b");

        CgroupTree.RemoveAbandoned(own, _mount, IsName);

        Assert.Equal(["cpu/dispatch-b", "pids/dispatch-a"], Leaves());
    }

    [Fact]
    public void One_whose_guard_lives_stays()
    {
        var own = Make("memory/sessions/two/dispatch-a");
        using var living = CgroupOwner.Take(Path.Combine(_mount, "memory/sessions/one/dispatch-b"));

        CgroupTree.RemoveAbandoned(own, _mount, IsName);

        Assert.Equal(["memory/sessions/one/dispatch-b", "memory/sessions/two/dispatch-a"], Leaves());
    }

    private static bool IsName(string name) => name.StartsWith("dispatch-", StringComparison.Ordinal);

    private string Make(string folder) => Directory.CreateDirectory(Path.Combine(_mount, folder)).FullName;

    private IEnumerable<string> Leaves() => Directory.EnumerateDirectories(_mount, "*", SearchOption.AllDirectories)
        .Where(folder => !Directory.EnumerateDirectories(folder).Any())
        .Select(folder => Path.GetRelativePath(_mount, folder))
        .Order(StringComparer.Ordinal);
}
