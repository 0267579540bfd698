using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>The real workflow under stop, cancel, extend, priority, pause: in every state.</summary>
public sealed class ControlTests(JobWorld world) : IClassFixture<JobWorld>
{
    private static readonly StopRequest Stop = new() { RequestedBy = "ann", Reason = "enough" };

    [Fact]
    public async Task A_cancel_before_it_was_sent_ends_it_as_canceled()
    {
        var handle = await WaitingAsync("cancel-queued");
        await handle.CancelAsync();
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Closed(CancelledBeforeStart)", run.Steps);
        Assert.IsType<CanceledFailureException>(run.Failure);
        Assert.Equal(TerminationReason.CancelledBeforeStart, Assert.Single(run.Settlements).Reason);
    }

    [Fact]
    public async Task A_stop_before_it_was_sent_fails_it_as_cancelled_and_answers()
    {
        var handle = await WaitingAsync("stop-queued");
        var answer = await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [Stop]);
        var run = await world.EndAsync(handle);
        Assert.True(answer.Applied);
        Assert.Equal(TerminationReason.CancelledBeforeStart, answer.Report!.Reason);
        Assert.Equal(("Opened Closed(CancelledBeforeStart)", "Cancelled"), (run.Steps, run.FailureType));
    }

    [Fact]
    public async Task A_cancel_while_it_runs_waits_until_the_container_is_gone()
    {
        var handle = await RunningAsync("cancel-running", new() { Run = JobScript.UntilStopped });
        await handle.CancelAsync();
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(Cancelled)", run.Steps);
        Assert.Equal(15, run.Operations[^1].Signal);
        Assert.IsType<CanceledFailureException>(run.Failure);
        Assert.Equal(1, run.Count(EventType.WorkflowExecutionCanceled));
    }

    [Fact]
    public async Task A_stop_while_it_runs_reaches_the_worker_and_keeps_the_outcome()
    {
        var told = new TaskCompletionSource<StopInput>();
        var handle = await RunningAsync("stop-running", new()
        {
            Run = async input =>
            {
                await told.Task;
                return JobScript.Exit(input, 0, ContainerEnd.Stopped);
            },
            Control = control => told.TrySetResult((StopInput)control),
        });
        var answer = await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [Stop]);
        var run = await world.EndAsync(handle);
        Assert.True(answer.Applied);
        Assert.Equal(("ann", "enough", false), ((await told.Task).RequestedBy, (await told.Task).Reason, (await told.Task).Now));
        Assert.Equal((TerminationReason.Cancelled, "Cancelled", 0), (run.Reason, run.FailureType, run.Report!.Outcome.Code!.Value));
        Assert.Equal(1, run.Report.AttemptsUsed);
    }

    [Fact]
    public async Task A_second_stop_is_refused_unless_it_is_sharper()
    {
        var killed = new TaskCompletionSource();
        var handle = await RunningAsync(
            "stop-twice",
            new()
            {
                Run = async input =>
                {
                    await killed.Task;
                    return JobScript.Exit(input, 137, ContainerEnd.Stopped, signal: 9);
                },
                Control = control => { if (((StopInput)control).Now) killed.TrySetResult(); },
            });
        Assert.True((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [Stop])).Applied);
        Assert.Equal("AlreadyStopping", await RefusalAsync(handle, JobNames.Stop, Stop));
        Assert.True((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [Stop with { Mode = StopMode.Now }])).Applied);
        Assert.Equal(TerminationReason.Cancelled, (await world.EndAsync(handle)).Reason);
    }

    [Fact]
    public async Task A_stop_is_not_waited_for_for_ever()
    {
        var handle = await RunningAsync(
            "stop-ignored", new() { Run = Heartbeating }, """{"process":["x"],"timeouts":{"stopGrace":"200ms"}}""");
        await handle.CancelAsync();
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost) Closed(Cancelled)", run.Steps);
        Assert.Equal(TerminationReason.Cancelled, Assert.Single(run.Settlements).Reason);
    }

    [Fact]
    public async Task A_stop_between_deliveries_goes_with_the_next_one()
    {
        var handle = await world.StartAsync("stop-between-deliveries", new()
        {
            Place = ask => ask.Ask == 1 ? JobScript.Offer(ask) : JobScript.Held(ask),
            Run = input => input.Stop is null ? JobScript.Silence(input) : Task.FromResult(JobScript.Exit(input, 143, ContainerEnd.Stopped, signal: 15)),
        });
        await JobWorld.UntilAsync(() => Task.FromResult(world.Asks.Any(ask => ask.Job.Value == "stop-between-deliveries" && ask.Ask == 2)), "it looked");
        await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Stop, [Stop]);
        var run = await world.EndAsync(handle);
        Assert.Equal((TerminationReason.Cancelled, 143), (run.Reason, run.Report!.Outcome.Code!.Value));
    }

    [Fact]
    public async Task A_cancel_during_a_backoff_ends_it_with_the_last_outcome()
    {
        var handle = await world.StartAsync(
            "cancel-backoff",
            new() { Run = input => Task.FromResult(JobScript.Exit(input, 1)) },
            """{"process":["x"],"retry":{"nonZero":{"max":1,"backoff":{"initial":"1h","max":"1h"}}}}""");
        await JobWorld.UntilAsync(async () => (await handle.QueryAsync<Contracts.Operations.Operation[]>(JobNames.Operations, [])).Length == 4, "it failed once");
        await handle.CancelAsync();
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Closed(Cancelled)", run.Steps);
        Assert.Equal(1, run.Operations[^1].ExitCode);
    }

    [Fact]
    public async Task An_extension_goes_to_the_worker_as_an_absolute_deadline()
    {
        var asked = new TaskCompletionSource<double>();
        var go = new TaskCompletionSource();
        var handle = await RunningAsync("extend", new()
        {
            Run = async input =>
            {
                await go.Task;
                return JobScript.Exit(input, 0);
            },
            Control = control => asked.TrySetResult(((ExtendInput)control).RunSeconds),
        });
        var answer = await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Extend, [new ExtendRequest { RequestedBy = "ann", Reason = "slow", By = "10m" }]);
        Assert.True(answer.Applied, answer.Message);
        go.SetResult();
        await world.EndAsync(handle);
        Assert.Equal(2_400, await asked.Task);
    }

    [Fact]
    public async Task Pause_holds_it_back_and_unpause_lets_it_go_with_its_new_priority()
    {
        var room = false;
        var handle = await WaitingAsync("pause", new() { Place = ask => room && !ask.Paused ? JobScript.Offer(ask) : JobScript.Waiting(ask) });
        var who = new PauseRequest { RequestedBy = "ann", Reason = "later" };
        Assert.True((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Pause, [who])).Applied);
        Assert.Equal(JobState.Paused, (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).State);
        Assert.False((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Pause, [who])).Applied);
        Assert.True((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.SetPriority, [new PriorityRequest { RequestedBy = "ann", Reason = "first", Priority = 90 }])).Applied);
        room = true;
        await handle.SignalAsync(JobNames.Nudge, []);
        Assert.Equal(JobState.Paused, (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).State);
        Assert.True((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.Unpause, [who])).Applied);
        var run = await world.EndAsync(handle);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", run.Steps);
        Assert.Equal(90, run.Asks[^1].Priority);
    }

    [Fact]
    public async Task Only_a_job_that_waits_can_be_paused()
    {
        var go = new TaskCompletionSource();
        var handle = await RunningAsync("pause-running", new()
        {
            Run = async input =>
            {
                await go.Task;
                return JobScript.Exit(input, 0);
            },
        });
        Assert.Equal("AlreadyRunning", await RefusalAsync(handle, JobNames.Pause, new PauseRequest { RequestedBy = "ann", Reason = "later" }));
        go.SetResult();
        await world.EndAsync(handle);
    }

    [Fact]
    public async Task What_is_no_command_is_refused_by_name_and_leaves_no_event()
    {
        var handle = await WaitingAsync("bad-commands");
        Assert.Contains("requestedBy", await RejectionAsync(handle, JobNames.Stop, Stop with { RequestedBy = " " }), StringComparison.Ordinal);
        Assert.Contains("reason", await RejectionAsync(handle, JobNames.Stop, Stop with { Reason = "" }), StringComparison.Ordinal);
        Assert.Contains("one argument", await RejectionAsync(handle, JobNames.Stop), StringComparison.Ordinal);
        Assert.Contains("one argument", await RejectionAsync(handle, JobNames.Stop, Stop, Stop), StringComparison.Ordinal);
        Assert.Contains("now", await RejectionAsync(handle, JobNames.Stop, new { requestedBy = "a", reason = "b", now = true }), StringComparison.Ordinal);
        Assert.Contains("by:", await RejectionAsync(handle, JobNames.Extend, new { requestedBy = "a", reason = "b", by = "soon" }), StringComparison.Ordinal);
        Assert.Contains("priority", await RejectionAsync(handle, JobNames.SetPriority, new { requestedBy = "a", reason = "b", priority = 101 }), StringComparison.Ordinal);
        await handle.CancelAsync();
        var run = await world.EndAsync(handle);
        Assert.Equal(0, run.Count(EventType.WorkflowExecutionUpdateAccepted));
        Assert.Equal(0, run.Count(EventType.WorkflowTaskFailed));
    }

    [Fact]
    public async Task A_repeat_of_a_command_is_harmless()
    {
        var handle = await WaitingAsync("command-repeated");
        var priority = new PriorityRequest { RequestedBy = "ann", Reason = "first", Priority = 70 };
        for (var times = 0; times < 2; times++)
            Assert.True((await handle.ExecuteUpdateAsync<CommandResult>(JobNames.SetPriority, [priority], new("same-id"))).Applied);
        Assert.Equal((70, 1), await PriorityAsync(handle));
        await handle.CancelAsync();
        await world.EndAsync(handle);

        static async Task<(int Priority, int Commands)> PriorityAsync(WorkflowHandle handle)
        {
            var status = await handle.QueryAsync<JobStatus>(JobNames.Status, []);
            return (status.Priority, status.Commands);
        }
    }

    private static async Task<ContainerReport> Heartbeating(RunContainerInput input)
    {
        var context = Temporalio.Activities.ActivityExecutionContext.Current;
        for (var beats = 0; beats < 100; beats++)
        {
            context.Heartbeat();
            await Task.WhenAny(Task.Delay(100), context.WorkerShutdownToken.WaitHandle.AsTask());
            if (context.WorkerShutdownToken.IsCancellationRequested) break;
        }

        return JobScript.Exit(input, 0);
    }

    private static async Task<string?> RefusalAsync(WorkflowHandle handle, string update, object argument)
    {
        var failed = await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<CommandResult>(update, [argument]));
        return ((ApplicationFailureException)failed.InnerException!).ErrorType;
    }

    private static async Task<string> RejectionAsync(WorkflowHandle handle, string update, params object[] arguments)
    {
        var failed = await Assert.ThrowsAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<CommandResult>(update, arguments));
        var failure = (ApplicationFailureException)failed.InnerException!;
        Assert.Equal(nameof(ErrorCode.InvalidJobSpec), failure.ErrorType);
        return failure.Message;
    }

    private async Task<WorkflowHandle> WaitingAsync(string id, JobScript? script = null)
    {
        var handle = await world.StartAsync(id, script ?? new() { Place = ask => JobScript.Waiting(ask) });
        await JobWorld.UntilAsync(async () => (await handle.QueryAsync<RecordedPlacement?>(JobNames.Why, [])) is not null, "it waits");
        return handle;
    }

    private async Task<WorkflowHandle> RunningAsync(string id, JobScript script, string spec = """{"process":["x"]}""")
    {
        var handle = await world.StartAsync(id, script, spec);
        await JobWorld.UntilAsync(
            async () => (await handle.FetchHistoryAsync()).Events.Any(recorded => recorded.EventType == EventType.ActivityTaskScheduled)
                && (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).State == JobState.Sent,
            "it was sent");
        return handle;
    }
}
