using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;
using Temporalio.Common;

namespace Dispatch.Integration.Tests.Workers;

/// <summary>A worker that is killed, comes back, or stays away; plain processes.</summary>
[Collection(WorkersCollection.Name)]
public sealed class RecoveryCases(WorkersFixture fixture) : WorkerTests(fixture.Stack)
{
    [Fact]
    [Trait("case", "G32")]
    public async Task A_killed_worker_comes_back_to_the_same_process_the_same_attempt_and_a_log_without_a_gap()
    {
        var worker = await StartAsync("g32");
        var job = await Jobs.SubmitAsync("""{"process":["sh","-c","echo pid $$ >&2; i=1; while [ $i -le 60 ]; do echo $i; i=$((i+1)); sleep 0.2; done; exit 7"]}""", "G32");
        await Jobs.UntilOutAsync(job, "\n15\n");

        await worker.CrashAsync();
        await StartAsync("g32");

        var view = await Jobs.EndAsync(job);
        Assert.Equal((7, 1), (view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.Equal(string.Concat(Enumerable.Range(1, 60).Select(line => $"{line}\n")), await Jobs.OutAsync(job));
        Assert.Single((await Jobs.ErrorAsync(job)).TrimEnd().Split('\n'));
        await OneDeliveryAsync(view);
    }

    [Fact]
    public async Task A_worker_of_another_id_is_kept_out_of_the_directory_and_the_killed_one_takes_its_process_up()
    {
        var worker = await StartAsync("own");
        var started = await RunningAsync("""{"process":["sh","-c","sleep 6; exit 7"]}""", "own");

        await worker.CrashAsync();
        var other = RunningProcess.Start(["worker", "--id", "other", "--server", Stack.Http.ToString(), "--address", Stack.Temporal, "--data", Stack.WorkerFolder("own"), "--runtimes", "process"]);
        (await other.EndAsync()).Refused(2, [Stack.WorkerFolder("own"), "belongs to worker own", "--data"]);
        await StartAsync("own");

        var view = await Jobs.EndAsync(started.Id);
        Assert.Equal((7, 1), (view.ExitCode!.Value, view.Report!.AttemptsUsed));
        await OneDeliveryAsync(view);
    }

    [Fact]
    [Trait("case", "G33")]
    public async Task A_job_that_ended_while_its_worker_was_down_has_its_own_code_and_its_own_end()
    {
        var worker = await StartAsync("g33");
        var started = await RunningAsync("""{"process":["sh","-c","echo a; sleep 3; echo b; exit 7"]}""", "G33");

        await worker.CrashAsync();
        await Until.NothingAsync("processes of the job", () => Task.FromResult(HostProcesses.OfJob("G33")), Deadlines.Job);
        var down = DateTimeOffset.UtcNow;
        await StartAsync("g33");

        var view = await Jobs.EndAsync(started.Id);
        Assert.Equal((7, 1, "a\nb\n"), (view.ExitCode!.Value, view.Report!.AttemptsUsed, await Jobs.OutAsync(started.Id)));
        Assert.True(view.EndedAt <= down, $"ended {view.EndedAt:O}, the worker was started again after {down:O}");
        Assert.InRange(view.Report.Timings.RunSeconds!.Value, 3, 3 + Deadlines.Slack.TotalSeconds);
        await OneDeliveryAsync(view);
    }

    [Fact]
    [Trait("case", "G36")]
    public async Task The_run_deadline_counts_from_the_start_also_after_a_restart_of_the_worker()
    {
        const string Spec = """{"process":["sh","-c","exec sleep 300"],"timeouts":{"run":"20s","stopGrace":"1s"}}""";
        var worker = await StartAsync("g36", "--slots", "4", "--cpu", "4");
        var plain = await RunningAsync(Spec, "G36-A");
        var extended = await RunningAsync(Spec, "G36-C");
        (await Stack.CliAsync("extend", "G36-C", "--by", "10s", "--reason", "more")).Ok();

        await worker.CrashAsync();
        await StartAsync("g36", "--slots", "4", "--cpu", "4");

        var ended = await Task.WhenAll(Jobs.EndAsync(plain.Id), Jobs.EndAsync(extended.Id));
        Assert.All(ended, view => Assert.Equal((TerminationReason.ExecutionTimeout, ErrorCode.ExecutionTimeout, 1), (view.Reason!.Value, view.Error!.Value, view.Report!.AttemptsUsed)));
        Assert.InRange((ended[0].EndedAt - ended[0].StartedAt)!.Value.TotalSeconds, 20, 22 + Deadlines.Slack.TotalSeconds);
        Assert.InRange((ended[1].EndedAt - ended[1].StartedAt)!.Value.TotalSeconds, 30, 32 + Deadlines.Slack.TotalSeconds);
        // The registry keeps microseconds.
        Assert.Equal(plain.StartedAt!.Value, ended[0].StartedAt!.Value, TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public async Task A_worker_that_stays_away_loses_the_job_to_another_and_never_do_two_run()
    {
        var workers = await StartAllAsync(("away-1", []), ("away-2", []));
        var file = Path.Combine(Stack.NewFolder(), "alive");

        // Each run holds the lock as long as it lives: a second one beside it would fail at once.
        var job = await Jobs.SubmitAsync($$"""{"process":["flock","-n","-E","99","{{file}}","sh","-c","echo begun; sleep 20; echo done"]}""", "away");
        await Jobs.UntilOutAsync(job, "begun");
        var first = (await Jobs.GetAsync(job)).Worker!.Value.Value;

        await workers[first == "away-1" ? 0 : 1].CrashAsync();

        var view = await Jobs.EndAsync(job, TimeSpan.FromMinutes(3));
        Assert.Equal((0, 2, first == "away-1" ? "away-2" : "away-1"), (view.ExitCode!.Value, view.Report!.AttemptsUsed, view.Worker!.Value.Value));
        var exited = Assert.Single((await Jobs.OperationsAsync(job)).Operations, operation => operation.Kind == OperationKind.WorkerExited);
        Assert.Equal(("lost", true), (exited.Cause, exited.RetryEligible));
        Assert.Equal("begun\ndone\n", System.Text.Encoding.UTF8.GetString(await Jobs.StdoutAsync(job, "?attempt=2")));

        // Back again, it finds nothing to do and cleans up.
        await StartAsync(first);
    }

    [Fact]
    public async Task A_job_between_two_attempts_is_queued_whoever_is_asked()
    {
        var worker = await StartAsync("lone");
        var job = (await RunningAsync("""{"process":["sh","-c","exec sleep 300"],"worker":"lone"}""", "between")).Id;

        await worker.CrashAsync();
        var view = await Jobs.UntilAsync(job, view => view.State == JobState.Queued);

        Assert.Equal((1, "lone"), (view.Attempt, view.Worker!.Value.Value));
        Assert.Equal(OperationKind.WorkerExited, (await Jobs.OperationsAsync(job)).Operations[^1].Kind);
        var why = await Jobs.WhyAsync(job);
        Assert.Equal(JobState.Queued, why.State);
        Assert.StartsWith("Attempt 1 on worker lone is over; the next one waits. ", why.Summary, StringComparison.Ordinal);
        Assert.Contains("between", (await Stack.CliAsync("list", "--state", "Queued")).Ok(), StringComparison.Ordinal);
        Assert.DoesNotContain("between", (await Stack.CliAsync("list", "--state", "Sent")).Ok(), StringComparison.Ordinal);
        var handle = (await Stack.ConnectAsync()).GetWorkflowHandle(job.Value);
        Assert.Equal(JobState.Queued, (await handle.QueryAsync<JobStatus>(JobNames.Status, [])).State);
        Assert.Equal("Queued", (await handle.DescribeAsync()).TypedSearchAttributes.Get(SearchAttributeKey.CreateKeyword(JobNames.StateAttribute)));

        // Back again, the worker takes the next attempt.
        await StartAsync("lone");
        await Jobs.UntilAsync(job, view => view is { State: JobState.Running, Attempt: 2 });
    }

    private async Task OneDeliveryAsync(JobView view)
    {
        var operations = (await Jobs.OperationsAsync(view.Id)).Operations;
        Assert.DoesNotContain(operations, operation => operation.Kind == OperationKind.WorkerExited);
        Assert.Equal(1, Assert.Single(operations, operation => operation.Kind == OperationKind.MessageSent).Delivery);
    }
}
