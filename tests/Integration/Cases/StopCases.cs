using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;
using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;

namespace Dispatch.Integration.Tests.Cases;

/// <summary>Deadlines, stops, and what was first.</summary>
[Collection(CaseCollection.Name)]
public sealed class StopCases(DevFixture fixture) : StackTests(fixture.Stack)
{
    private const string Polite = """{"process":["sh","-c","trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"],"retry":{"nonZero":{"max":3}}}""";

    [Fact]
    [Trait("case", "G13")]
    public async Task A_polite_job_at_its_deadline_timed_out_it_did_not_fail()
    {
        var ended = await Task.WhenAll(
            Jobs.RunAsync("""{"process":["sh","-c","exec sleep 300"],"timeouts":{"run":"2s","stopGrace":"5s"},"retry":{"nonZero":{"max":3}}}"""),
            Jobs.RunAsync("""{"process":["sh","-c","trap '' TERM; echo up; while :; do sleep 1; done"],"timeouts":{"run":"2s","stopGrace":"5s"},"retry":{"nonZero":{"max":3}}}"""),
            Jobs.RunAsync("""{"process":["sh","-c","trap 'exit 0' TERM; while :; do sleep 0.1; done"],"timeouts":{"run":"2s","stopGrace":"5s"},"retry":{"nonZero":{"max":3}}}"""));

        Assert.All(ended, view => Assert.Equal((TerminationReason.ExecutionTimeout, ErrorCode.ExecutionTimeout, 1), (view.Reason!.Value, view.Error!.Value, view.Report!.AttemptsUsed)));
        Assert.Equal([("SIGTERM", 143), ("SIGKILL", 137), (null, 0)], ended.Select(view => (view.Report!.Outcome.SignalName, view.ExitCode!.Value)));
        Assert.InRange(ended[0].Report!.Timings.RunSeconds!.Value, 2, 4 + Deadlines.Slack.TotalSeconds);
        Assert.InRange(ended[1].Report!.Timings.RunSeconds!.Value, 7, 9 + Deadlines.Slack.TotalSeconds);
        var client = await Stack.ConnectAsync();
        foreach (var view in ended)
        {
            var failed = await Assert.ThrowsAsync<WorkflowFailedException>(() => client.GetWorkflowHandle(view.Id.Value).GetResultAsync<JobReport>().WaitAsync(Deadlines.Job));
            Assert.Equal(nameof(ErrorCode.ExecutionTimeout), Assert.IsType<ApplicationFailureException>(failed.InnerException).ErrorType);
        }
    }

    [Fact]
    [Trait("case", "G14")]
    public async Task Stopped_is_stopped_even_when_the_job_exits_0()
    {
        var job = await Jobs.SubmitAsync(Polite, "G14-stop");
        var cancelled = await Jobs.SubmitAsync(Polite, "G14-cancel");
        await Jobs.UntilOutAsync(job, "up\n");
        await Jobs.UntilOutAsync(cancelled, "up\n");
        var client = await Stack.ConnectAsync();

        (await Stack.CliAsync("stop", job.Value, "--reason", "enough")).Ok();
        await client.GetWorkflowHandle(cancelled.Value).CancelAsync();

        var view = await Jobs.EndAsync(job);
        Assert.Equal((TerminationReason.Cancelled, ErrorCode.Cancelled, 0, 1), (view.Reason!.Value, view.Error!.Value, view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.Null(view.Report.Outcome.Signal);
        await Jobs.EndAsync(cancelled);
        foreach (var id in (Contracts.Ids.JobId[])[job, cancelled])
        {
            var closed = Assert.Single((await Jobs.OperationsAsync(id)).Operations, operation => operation.Kind == OperationKind.ConversationClosed);
            Assert.Equal((nameof(TerminationReason.Cancelled), 0, 1), (closed.Reason, closed.ExitCode, closed.AttemptsUsed));
        }

        var failed = await Assert.ThrowsAsync<WorkflowFailedException>(() => client.GetWorkflowHandle(job.Value).GetResultAsync<JobReport>().WaitAsync(Deadlines.Job));
        Assert.Equal(nameof(ErrorCode.Cancelled), Assert.IsType<ApplicationFailureException>(failed.InnerException).ErrorType);
        Assert.Equal(WorkflowExecutionStatus.Failed, (await client.GetWorkflowHandle(job.Value).DescribeAsync()).Status);
        Assert.Equal(WorkflowExecutionStatus.Canceled, (await client.GetWorkflowHandle(cancelled.Value).DescribeAsync()).Status);
    }

    [Fact]
    [Trait("case", "G15")]
    public async Task Stop_and_exit_at_the_same_moment_200_times()
    {
        using var room = new SemaphoreSlim(16);
        var ended = await Task.WhenAll(Enumerable.Range(0, 200).Select(async index =>
        {
            await room.WaitAsync();
            try
            {
                var job = await Jobs.SubmitAsync("""{"process":["sh","-c","sleep 0.3"]}""");
                await Jobs.UntilAsync(job, view => view.StartedAt is not null || view.State == JobState.Closed);
                await Task.Delay(250 + (index / 2));
                var stopped = await Jobs.StopAsync(job);
                Assert.True(stopped.Applied || stopped.Report is not null, stopped.Message);
                return await Jobs.EndAsync(job);
            }
            finally
            {
                room.Release();
            }
        }));

        Assert.All(ended, view => Assert.True(view is { Reason: TerminationReason.WorkloadExited, ExitCode: 0, Error: null } or { Reason: TerminationReason.Cancelled, Error: ErrorCode.Cancelled }, $"{view.Reason} {view.ExitCode} {view.Error} {view.Message}"));
        Assert.DoesNotContain("Unhandled", Stack.Dev.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("case", "G59")]
    public async Task Stopping_what_has_finished_does_not_rewrite_what_happened()
    {
        var job = (await Jobs.RunAsync("""{"process":["sh","-c","exit 5"]}""", "G59")).Id;
        var before = await Jobs.Http.GetStringAsync(new Uri(ApiPaths.Job(job), UriKind.Relative));
        var operations = (await Jobs.OperationsAsync(job)).Operations;

        foreach (var mode in (StopMode[])[StopMode.Graceful, StopMode.Now])
        {
            var stopped = await Jobs.StopAsync(job, mode);
            Assert.Equal((5, TerminationReason.WorkloadExited), (stopped.Report!.Outcome.Code!.Value, stopped.Report.Reason));
        }

        var verb = await Stack.CliAsync("stop", "G59", "--reason", "late", "--output", "json");
        Assert.Equal(5, JsonSerializer.Deserialize<CommandResult>(verb.Ok(), DispatchJson.Options)!.Report!.Outcome.Code);
        // The real server takes the cancel of a closed run and does nothing; an update it refuses.
        var handle = (await Stack.ConnectAsync()).GetWorkflowHandle("G59");
        await handle.CancelAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() => handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [new StopRequest { RequestedBy = "me", Reason = "late" }]));
        Assert.Equal(RpcException.StatusCode.NotFound, refused.Code);

        Assert.Equal(before, await Jobs.Http.GetStringAsync(new Uri(ApiPaths.Job(job), UriKind.Relative)));
        Assert.Equal(operations, (await Jobs.OperationsAsync(job)).Operations);
        Assert.Equal(OperationKind.ConversationClosed, operations[^1].Kind);
    }
}
