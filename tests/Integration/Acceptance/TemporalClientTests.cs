using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Dispatch.Integration.Tests.Acceptance;

/// <summary>Jobs by the official .NET client, with the JSON spec as the one argument.</summary>
[Collection(DevCollection.Name)]
public sealed class TemporalClientTests(DevFixture fixture) : StackTests(fixture.Stack)
{
    private TemporalClient _client = null!;

    public override async Task InitializeAsync() => _client = await Stack.ConnectAsync();

    [Fact]
    public async Task The_result_of_a_job_is_its_report()
    {
        var report = await _client.ExecuteWorkflowAsync<JobReport>(JobNames.Workflow, [Spec("""{"process":["sh","-c","echo done > $DISPATCH_OUTCOME"]}""")], Options("temporal-ok"));

        Assert.Equal((TerminationReason.WorkloadExited, OutcomeKind.Success, 0, "done", 1), (report.Reason, report.Outcome.Kind, report.Outcome.Code, report.Outcome.Message, report.AttemptsUsed));
        Assert.Null(report.Error);
        var opened = (await Jobs.OperationsAsync(new("temporal-ok"))).Operations[0];
        Assert.Equal("temporal", opened.Trigger);
    }

    [Fact]
    public async Task A_failure_has_the_catalogues_code_as_type_and_the_report_as_details()
    {
        var handle = await StartAsync("temporal-fails", """{"process":["sh","-c","exit 9"]}""");

        var failure = await FailureAsync(handle);

        Assert.Equal(nameof(ErrorCode.NonZeroExit), failure.ErrorType);
        Assert.True(failure.NonRetryable);
        var report = failure.Details.ElementAt<JobReport>(0);
        Assert.Equal((TerminationReason.WorkloadExited, OutcomeKind.Failure, 9), (report.Reason, report.Outcome.Kind, report.Outcome.Code));
    }

    [Fact]
    public async Task Queries_answer_while_the_job_runs_and_the_update_Stop_ends_it()
    {
        var handle = await StartAsync("temporal-queries", """{"process":["sh","-c","trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"]}""");
        await Jobs.UntilOutAsync(new(handle.Id), "up");

        var status = await handle.QueryAsync<JobStatus>(JobNames.Status, []);
        Assert.Equal((JobState.Sent, 1, 1, "dev"), (status.State, status.Attempt, status.Delivery, status.Worker?.Value));
        var operations = await handle.QueryAsync<IReadOnlyList<Operation>>(JobNames.Operations, []);
        Assert.Equal([OperationKind.ConversationOpened, OperationKind.WorkerSelected, OperationKind.MessageSent], operations.Select(operation => operation.Kind));
        var why = await handle.QueryAsync<RecordedPlacement>(JobNames.Why, []);
        Assert.Equal(("dev", "least-loaded@1"), (why.Worker?.Value, why.Router));

        var stopped = await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [new StopRequest { RequestedBy = "me", Reason = "seen enough" }]);
        Assert.True(stopped.Applied, stopped.Message);
        var failure = await FailureAsync(handle);
        Assert.Equal(nameof(ErrorCode.Cancelled), failure.ErrorType);
        Assert.Equal(0, failure.Details.ElementAt<JobReport>(0).Outcome.Code);
        Assert.Contains("seen enough", failure.Message, StringComparison.Ordinal);

        // Also after the end the queries answer.
        Assert.Equal(JobState.Closed, (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).State);
    }

    [Fact]
    public async Task A_cancelled_job_is_stopped_and_ends_Canceled()
    {
        var handle = await StartAsync("temporal-cancel", """{"process":["sh","-c","trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"]}""");
        await Jobs.UntilOutAsync(new(handle.Id), "up");

        await handle.CancelAsync();

        var failed = await Assert.ThrowsAsync<WorkflowFailedException>(() => handle.GetResultAsync<JobReport>().WaitAsync(Deadlines.Job));
        Assert.IsType<CanceledFailureException>(failed.InnerException);
        Assert.Equal(WorkflowExecutionStatus.Canceled, (await handle.DescribeAsync()).Status);
        var closed = Assert.Single((await Jobs.OperationsAsync(new(handle.Id))).Operations, operation => operation.Kind == OperationKind.ConversationClosed);
        Assert.Equal((nameof(TerminationReason.Cancelled), 0), (closed.Reason, closed.ExitCode));
        Assert.Equal("up\nbye\n", await Jobs.OutAsync(new(handle.Id)));

        // Its closing event has no place for the report.
        var view = await Jobs.GetAsync(new JobId(handle.Id));
        var report = view.Report!;
        Assert.Equal((TerminationReason.Cancelled, ErrorCode.Cancelled, 0, 1, 7L), (report.Reason, report.Error, report.Outcome.Code, report.AttemptsUsed, report.Log!.StdoutBytes));
        Assert.True(report.Timings.StartedAt is { } started && view.StartedAt == started && report.Timings.EndedAt > started && report.Timings.RunSeconds > 0, JsonSerializer.Serialize(view, DispatchJson.Options));
        Assert.Contains("cancellation was requested", view.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_is_heard_in_every_state_of_a_job()
    {
        // From before the placement to well into the run, and of jobs that wait for a worker.
        var reasons = await Task.WhenAll(Enumerable.Range(0, 60).Select(async index =>
        {
            var constraint = index % 6 == 0 ? ""","constraints":[{"label":"zone","op":"exists"}]""" : "";
            var handle = await StartAsync($"cancelled-{index}", $$"""{"process":["sh","-c","trap 'exit 0' TERM; while :; do sleep 0.1; done"]{{constraint}}}""");
            await Task.Delay(index * 12);
            await handle.CancelAsync();
            var failed = await Assert.ThrowsAsync<WorkflowFailedException>(() => handle.GetResultAsync<JobReport>().WaitAsync(Deadlines.Job));
            Assert.IsType<CanceledFailureException>(failed.InnerException);
            var operations = (await Jobs.OperationsAsync(new(handle.Id))).Operations;

            // What was started was stopped: no worker left the workflow waiting for that beyond the grace.
            Assert.DoesNotContain(operations, operation => operation.Message?.Contains("in time", StringComparison.Ordinal) == true);
            return Assert.Single(operations, operation => operation.Kind == OperationKind.ConversationClosed).Reason!;
        }));

        Assert.All(reasons, reason => Assert.Contains(reason, new[] { nameof(TerminationReason.Cancelled), nameof(TerminationReason.CancelledBeforeStart) }));
        Assert.Contains(nameof(TerminationReason.Cancelled), reasons);
        Assert.Contains(nameof(TerminationReason.CancelledBeforeStart), reasons);
    }

    [Fact]
    public async Task A_workflow_of_ones_own_runs_a_job_as_a_child()
    {
        using var worker = new TemporalWorker(_client, new TemporalWorkerOptions("own-queue").AddWorkflow<ParentWorkflow>());
        var result = await worker.ExecuteAsync(() => _client.ExecuteWorkflowAsync(
            (ParentWorkflow parent) => parent.RunAsync(Spec("""{"process":["true"]}""")), new("parent-1", "own-queue")));

        Assert.Equal("WorkloadExited 0", result);
        Assert.Equal("child(parent-1)", (await Jobs.OperationsAsync(new("parent-1-child"))).Operations[0].Trigger);
    }

    [Fact]
    public async Task The_memo_shows_the_operations_and_the_search_attributes_find_the_job()
    {
        var handle = await StartAsync("temporal-memo", """{"process":["true"],"owner":"memo-owner","labels":{"team":"memo"}}""");
        await handle.GetResultAsync<JobReport>().WaitAsync(Deadlines.Job);

        var found = await handle.DescribeAsync();
        Assert.Equal(
            ["dispatch.op.0001", "dispatch.op.0002", "dispatch.op.0003", "dispatch.op.0004", "dispatch.op.0005"],
            found.Memo.Keys.Where(key => key.StartsWith("dispatch.op.", StringComparison.Ordinal)).Order());
        var listed = new List<string>();
        await foreach (var run in _client.ListWorkflowsAsync("DispatchOwner = 'memo-owner' AND DispatchLabels = 'team=memo' AND DispatchReason = 'WorkloadExited' AND DispatchState = 'Closed'"))
            listed.Add(run.Id);
        Assert.Equal(["temporal-memo"], listed);
    }

    [Fact]
    public async Task An_id_that_has_closed_runs_again_as_a_new_conversation_when_a_Temporal_client_asks()
    {
        var first = await StartAsync("temporal-again", """{"process":["sh","-c","echo one"]}""");
        await first.GetResultAsync<JobReport>().WaitAsync(Deadlines.Job);
        var second = await StartAsync("temporal-again", """{"process":["sh","-c","echo two"]}""");
        await second.GetResultAsync<JobReport>().WaitAsync(Deadlines.Job);

        Assert.Equal("two\n", await Jobs.OutAsync(new("temporal-again")));
        Assert.Equal(second.ResultRunId, (await Jobs.GetAsync(new("temporal-again"))).Conversation.Value);
    }

    internal static JsonElement Spec(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    internal static WorkflowOptions Options(string id) => new(id, JobNames.TaskQueue);

    internal static async Task<ApplicationFailureException> FailureAsync(WorkflowHandle handle)
    {
        var failed = await Assert.ThrowsAsync<WorkflowFailedException>(() => handle.GetResultAsync<JobReport>().WaitAsync(Deadlines.Job));
        return Assert.IsType<ApplicationFailureException>(failed.InnerException);
    }

    private Task<WorkflowHandle> StartAsync(string id, string spec) => _client.StartWorkflowAsync(JobNames.Workflow, [Spec(spec)], Options(id));
}
