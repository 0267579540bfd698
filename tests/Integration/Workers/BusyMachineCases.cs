using System.Diagnostics;
using Dispatch.Contracts;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Workers;

/// <summary>A job that takes the whole machine, under the shortest times there are.</summary>
public sealed class BusyMachineCases
{
    [Fact]
    [Trait("case", "G35")]
    public async Task A_job_that_takes_all_the_CPU_does_not_lose_its_worker()
    {
        await using var stack = await DevStack.StartAsync(["--runtimes", "process"]);
        var handle = (await stack.ConnectAsync()).GetWorkflowHandle("G35");
        var job = await stack.Jobs.SubmitAsync(
            """{"process":["sh","-c","n=$(( $(nproc) * 4 )); i=0; while [ $i -lt $n ]; do (while :; do :; done) & i=$((i+1)); done; sleep 40; kill 0"],"retry":{"workerLost":{"max":3}},"timeouts":{"run":"2m"}}""", "G35");
        var slowest = TimeSpan.Zero;
        var end = stack.Jobs.EndAsync(job, TimeSpan.FromMinutes(3));
        while (!end.IsCompleted)
        {
            var since = Stopwatch.GetTimestamp();
            await handle.QueryAsync<JobStatus>(JobNames.Status, []);
            var took = Stopwatch.GetElapsedTime(since);
            slowest = took > slowest ? took : slowest;
            Assert.Equal(WorkerState.Ready, Assert.Single(await stack.Jobs.WorkersAsync()).State);
            await Task.WhenAny(end, Task.Delay(500));
        }

        var view = await end;
        Assert.Equal((TerminationReason.WorkloadExited, 143, "SIGTERM", 1), (view.Reason!.Value, view.ExitCode!.Value, view.Report!.Outcome.SignalName, view.Report.AttemptsUsed));
        Assert.InRange(view.Report.Timings.RunSeconds!.Value, 40, 42 + (2 * Deadlines.Slack.TotalSeconds));
        Assert.DoesNotContain((await stack.Jobs.OperationsAsync(job)).Operations, operation => operation.Kind == OperationKind.WorkerExited);
        Assert.True(slowest < TimeSpan.FromSeconds(2) + Deadlines.Slack, $"a query took {slowest}");
        await stack.NothingLeftAsync();
    }
}
