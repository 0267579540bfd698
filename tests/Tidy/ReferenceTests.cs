using System.Xml.Linq;

namespace Dispatch.Tidy.Tests;

public sealed class ReferenceTests
{
    /// <summary>What each project may reference: the one direction of ARCHITECTURE.md.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Dispatch.Contracts"] = [],
        ["Dispatch.Routing"] = ["Dispatch.Contracts"],
        ["Dispatch.Registry"] = ["Dispatch.Contracts", "Dispatch.Routing"],
        ["Dispatch.Registry.Postgres"] = ["Dispatch.Contracts", "Dispatch.Routing", "Dispatch.Registry"],
        ["Dispatch.Placement"] = ["Dispatch.Contracts", "Dispatch.Routing", "Dispatch.Registry"],
        ["Dispatch.Runtimes"] = ["Dispatch.Contracts"],
        ["Dispatch.Logs"] = ["Dispatch.Contracts"],
        ["Dispatch.Workflows"] = ["Dispatch.Contracts"],
        ["Dispatch.Workers"] = ["Dispatch.Contracts", "Dispatch.Runtimes", "Dispatch.Logs", "Dispatch.Workflows"],
        ["Dispatch.Server"] = ["Dispatch.Contracts", "Dispatch.Routing", "Dispatch.Registry", "Dispatch.Placement", "Dispatch.Logs", "Dispatch.Workflows"],
        ["Dispatch.Engine"] = [],
        ["Dispatch.Cli"] =
        [
            "Dispatch.Contracts", "Dispatch.Routing", "Dispatch.Registry", "Dispatch.Registry.Postgres", "Dispatch.Placement", "Dispatch.Runtimes", "Dispatch.Logs",
            "Dispatch.Workflows", "Dispatch.Workers", "Dispatch.Server", "Dispatch.Engine",
        ],
    };

    public static TheoryData<string> Projects()
    {
        var data = new TheoryData<string>();
        foreach (var project in ProjectFiles())
            data.Add(Path.GetRelativePath(Repository.Root, project));
        return data;
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_go_one_way(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        Assert.True(Allowed.TryGetValue(name, out var allowed), $"{name} is new: add it to the list with what it may reference");
        var references = XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.Empty(references.Except(allowed!));
    }

    [Fact]
    public void The_engine_knows_nothing_of_dispatching()
    {
        var words = new[] { "Dispatch.Contracts", "Dispatch.Workflows", "RunContainer", "DispatchPool", "dispatch.op." };
        var found = Repository.Sources("src/Dispatch.Engine").SelectMany(file => words.Where(word => Repository.Read(file).Contains(word, StringComparison.Ordinal)).Select(word => $"{file}: {word}"));
        Assert.Empty(found);
    }

    [Fact]
    public void Workflow_code_sees_contracts_and_the_sdk_only()
    {
        var allowed = new[] { "Temporalio", "Google.Protobuf", "Microsoft.Extensions" };
        var packages = XDocument.Load(Path.Combine(Repository.Root, "workflows/Dispatch.Workflows/Dispatch.Workflows.csproj")).Descendants("PackageReference")
            .Select(reference => reference.Attribute("Include")!.Value);
        Assert.All(packages, package => Assert.Contains(allowed, prefix => package.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_project_has_a_test_project_and_all_are_in_the_solution()
    {
        var solution = Repository.Read("Dispatch.sln").Replace('\\', '/');
        var all = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file)).ToArray();
        Assert.All(all, project => Assert.Contains(project, solution, StringComparison.Ordinal));
        Assert.All(Allowed.Keys, name => Assert.Contains(all, project => project == $"tests/{name}.Tests/{name}.Tests.csproj"));
    }

    private static IEnumerable<string> ProjectFiles() => new[] { "src", "workflows", "workers" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories));
}
