using System.Reflection;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>The benchmarks as a program: tiny counts, no look at any time.</summary>
public sealed class BenchmarkTests
{
    private static readonly string Program = typeof(BenchmarkTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "BenchmarksExecutable").Value!;

    [Fact]
    public async Task The_benchmarks_run_and_write_table_and_json_and_a_part_of_them_does_not_write_over_the_whole()
    {
        var folder = Directory.CreateTempSubdirectory("dispatch-it-bench-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "latest.md"), "the whole");
            var ended = await RunningProcess.StartProgram(Program, ["--dispatch", RunningProcess.Dispatch, "--parts", "router,memory", "--scale", "0.005", "--results", folder]).EndAsync(TimeSpan.FromMinutes(3));
            Assert.True(ended.ExitCode == 0, ended.ToString());
            Assert.Contains("| 16 in flight |", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(folder, "*-router-memory.md"))), StringComparison.Ordinal);
            Assert.Contains("\"aim\": 300", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(folder, "*-router-memory.json"))), StringComparison.Ordinal);
            Assert.Equal("the whole", await File.ReadAllTextAsync(Path.Combine(folder, "latest.md")));
            Assert.Equal(3, Directory.GetFiles(folder).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("memory,glance", "glance beside others")]
    [InlineData("memory,all", "there are memory, apart, postgres, container, router, recovery, glance, glance-postgres")]
    public async Task Parts_that_do_not_go_together_or_are_none_are_said_and_nothing_is_measured(string parts, string said)
    {
        var ended = await RunningProcess.StartProgram(Program, ["--dispatch", RunningProcess.Dispatch, "--parts", parts]).EndAsync();
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(said, ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
    }

    [Fact]
    public async Task An_executable_that_is_not_there_is_said_and_nothing_is_measured()
    {
        var ended = await RunningProcess.StartProgram(Program, ["--dispatch", "/nowhere/dispatch"]).EndAsync();
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("/nowhere/dispatch", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
    }
}
