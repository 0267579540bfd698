using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Cases;

/// <summary>How a plain process ends, and what is said of it.</summary>
[Collection(CaseCollection.Name)]
public sealed class ExitCases(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Theory]
    [Trait("case", "G01")]
    [InlineData("TERM", 143, "SIGTERM")]
    [InlineData("KILL", 137, "SIGKILL")]
    [InlineData("SEGV", 139, "SIGSEGV")]
    public async Task A_process_that_dies_of_a_signal_is_not_a_success(string signal, int code, string name)
    {
        var file = Path.Combine(Stack.NewFolder(), "spec.json");
        await File.WriteAllTextAsync(file, $$"""{"process":["sh","-c","kill -{{signal}} $$"]}""");

        var run = await Stack.CliAsync("run", "--id", $"G01-{signal}", "-f", file);

        Assert.Equal(code, run.ExitCode);
        var view = await Jobs.GetAsync(new($"G01-{signal}"));
        Assert.Equal((TerminationReason.WorkloadExited, ErrorCode.NonZeroExit, code, 1), (view.Reason!.Value, view.Error!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.Equal((OutcomeKind.Failure, name, code - 128, false), (view.Report.Outcome.Kind, view.Report.Outcome.SignalName, view.Report.Outcome.Signal, view.Report.Outcome.OutOfMemory));
    }

    [Fact]
    [Trait("case", "G02")]
    public async Task Exit_code_137_with_memory_to_spare_is_not_out_of_memory()
    {
        var view = await Jobs.RunAsync("""{"process":["sh","-c","exit 137"],"retry":{"outOfMemory":{"max":3,"memoryFactor":2}}}""");

        Assert.Equal((TerminationReason.WorkloadExited, ErrorCode.NonZeroExit, 137, 1), (view.Reason!.Value, view.Error!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.Null(view.Report.Outcome.Signal);
        Assert.False(view.Report.Outcome.OutOfMemory);
    }

    [Fact]
    [Trait("case", "G03")]
    public async Task A_command_that_does_not_exist_fails_at_start_once_and_does_not_blame_the_worker()
    {
        const string Spec = """{"process":["/no/such/tool","--x"],"retry":{"nonZero":{"max":3},"workerLost":{"max":3}}}""";

        foreach (var view in await Jobs.RunManyAsync(Enumerable.Repeat(Spec, 5), 5))
        {
            Assert.Equal((TerminationReason.StartFailure, ErrorCode.StartFailed), (view.Reason!.Value, view.Error!.Value));
            Assert.Contains("/no/such/tool", view.Message, StringComparison.Ordinal);
            Assert.Equal((OutcomeKind.Unset, (int?)null, 1), (view.Report!.Outcome.Kind, view.Report.Outcome.Code, view.Report.AttemptsUsed));
        }

        Assert.Equal(WorkerState.Ready, Assert.Single(await Jobs.WorkersAsync()).State);
        Assert.Equal(0, (await Jobs.RunAsync("""{"process":["true"]}""")).ExitCode);
    }

    [Fact]
    [Trait("case", "G04")]
    public async Task A_job_that_is_over_before_anybody_waits_keeps_its_code_and_its_output()
    {
        var ended = await Jobs.RunManyAsync(Enumerable.Repeat("""{"process":["sh","-c","printf x; exit 7"]}""", 200), 16);

        Assert.All(ended, view =>
        {
            Assert.Equal((7, TerminationReason.WorkloadExited, 1), (view.ExitCode!.Value, view.Reason!.Value, view.Report!.AttemptsUsed));
            Assert.Equal(("x", 1L, 0L), (view.StdoutTail!.Text, view.StdoutTail.TotalBytes, view.StderrTail!.TotalBytes));
        });
        foreach (var view in ended.Where((_, index) => index % 20 == 0))
            Assert.Equal("x"u8.ToArray(), await Jobs.StdoutAsync(view.Id));
    }

    [Fact]
    [Trait("case", "G46")]
    public async Task Max_2_means_three_attempts()
    {
        var folder = Stack.NewFolder();
        var ended = await Jobs.RunManyAsync(Enumerable.Range(0, 50).Select(index =>
            $$"""{"process":["sh","-c","echo t >> {{folder}}/{{index}}; exit 1"],"retry":{"nonZero":{"max":2,"backoff":{"initial":"200ms","factor":2,"max":"1s"} } } }"""), 50);

        Assert.Equal(50, Directory.GetFiles(folder).Length);
        Assert.All(Directory.GetFiles(folder), file => Assert.Equal("t\nt\nt\n", File.ReadAllText(file)));
        Assert.All(ended, view =>
        {
            Assert.Equal((ErrorCode.NonZeroExit, 1, 3), (view.Error!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed));
            Assert.Equal([1, 2, 3], view.Report.Attempts.Select(attempt => attempt.Attempt));
        });

        // The pause lies between what the worker answered and the next selection.
        foreach (var view in ended.Take(5))
        {
            var operations = (await Jobs.OperationsAsync(view.Id)).Operations;
            var answered = operations.Where(operation => operation.Kind == Contracts.Operations.OperationKind.MessageReceived).ToList();
            var selected = operations.Where(operation => operation.Kind == Contracts.Operations.OperationKind.WorkerSelected).ToList();
            Assert.Equal((3, 3), (answered.Count, selected.Count));
            Assert.True(selected[1].Time - answered[0].Time >= TimeSpan.FromMilliseconds(190), $"{selected[1].Time - answered[0].Time}");
            Assert.True(selected[2].Time - answered[1].Time >= TimeSpan.FromMilliseconds(390), $"{selected[2].Time - answered[1].Time}");
        }
    }
}
