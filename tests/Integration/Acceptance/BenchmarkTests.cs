using System.Reflection;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>The benchmarks as a program: tiny counts, no look at any time.</summary>
public sealed class BenchmarkTests
{
    private static readonly string Program = typeof(BenchmarkTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "BenchmarksExecutable").Value!;

    [Fact]
    public async Task The_benchmarks_run_and_write_table_and_json()
    {
        var folder = Directory.CreateTempSubdirectory("dispatch-it-bench-").FullName;
        try
        {
            var ended = await RunningProcess.StartProgram(Program, ["--dispatch", RunningProcess.Dispatch, "--parts", "router,memory", "--scale", "0.005", "--results", folder]).EndAsync(TimeSpan.FromMinutes(3));
            Assert.True(ended.ExitCode == 0, ended.ToString());
            Assert.Contains("| 16 in flight |", await File.ReadAllTextAsync(Path.Combine(folder, "latest.md")), StringComparison.Ordinal);
            Assert.Contains("\"aim\": 300", await File.ReadAllTextAsync(Path.Combine(folder, "latest.json")), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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
