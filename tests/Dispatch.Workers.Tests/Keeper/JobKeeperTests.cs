using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Logs;
using Dispatch.Workers.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Exceptions;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>The keeper with its hands, on a real disk.</summary>
public sealed class JobKeeperTests : IAsyncLifetime
{
    private WorkerBench bench = null!;

    public async Task InitializeAsync() => bench = await WorkerBench.StartAsync();

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task A_job_runs_is_reported_removed_and_returned_and_leaves_nothing()
    {
        var name = await bench.RunAsync();
        await bench.Runtime.PrintAsync(name, "hello\n");
        bench.Runtime.End(name, 7);
        await bench.ForgottenAsync();

        var (token, report) = Assert.Single(bench.Reporter.Reports);
        Assert.Equal((1, 7, 6), (token.Delivery, report.Result!.Outcome.Code!.Value, (int)report.Result.Log!.StdoutBytes));
        var returned = Assert.Single(bench.Registry.Returns);
        Assert.Equal(report.Result, returned.Outcome);
        Assert.True(bench.Runtime.IsEmpty);
        Assert.Empty(bench.Guard.Permissions);
        Assert.Equal("hello\n", bench.Logs.Text(WorkerBench.Key));
        Assert.True(bench.Logs.Complete.ContainsKey(WorkerBench.Key));
        Assert.Equal(0, bench.Registry.Overtaken);
    }

    [Fact]
    public async Task A_timer_that_goes_off_after_it_was_disposed_of_hurts_nobody()
    {
        var name = await bench.RunAsync();
        bench.Runtime.End(name, 0);
        await bench.ForgottenAsync();

        Assert.NotEqual(0, bench.Clock.GoOff());
    }

    [Fact]
    public async Task The_container_gets_the_job_s_names_and_the_permission_is_written_before_its_start()
    {
        await bench.RunAsync();
        var plan = Assert.Single(bench.Runtime.Plans);
        Assert.Equal(("j", "1", "3"), (plan.Environment["DISPATCH_JOB"], plan.Environment["DISPATCH_ATTEMPT"], plan.Environment["DISPATCH_FENCE"]));
        Assert.Equal("data-1", plan.Labels[ContainerLabels.DataDirectory]);
        Assert.Equal(WorkerBench.Lease.Value, plan.Labels[ContainerLabels.Lease]);
        Assert.True(bench.Guard.Permissions[WorkerBench.Lease].EndsAt > BootTime.Now(Runtimes.Host.BootClock.Instance));
    }

    [Fact]
    public async Task A_lease_is_named_from_its_confirm_on_and_no_more_once_it_is_refused()
    {
        IReadOnlyList<LeaseStatement> named = [];
        bench.Registry.Confirming = () => named = bench.Keeper.Statements();
        await Assert.ThrowsAsync<ApplicationFailureException>(() => bench.TakeAsync());
        Assert.Equal([DeliveryRules.BeingTaken(WorkerBench.Lease)], named);
        Assert.Empty(bench.Keeper.Statements());

        await bench.RunAsync();
        Assert.Equal([DeliveryRules.BeingTaken(WorkerBench.Lease)], named);
        Assert.Equal(LeaseActivity.Running, Assert.Single(bench.Keeper.Statements()).Activity);
    }

    [Fact]
    public async Task A_lease_that_is_refused_starts_nothing()
    {
        var failure = await Assert.ThrowsAsync<ApplicationFailureException>(() => bench.TakeAsync());
        Assert.Equal((nameof(ErrorCode.StaleLease), true), (failure.ErrorType, failure.NonRetryable));
        Assert.Empty(Directory.EnumerateFileSystemEntries(bench.AttemptsFolder));
        Assert.Equal(0, bench.Runtime.Starts);
    }

    [Fact]
    public async Task A_registry_that_cannot_be_reached_starts_nothing_and_says_so()
    {
        bench.Offer();
        bench.Registry.Away = true;
        var failure = await Assert.ThrowsAsync<ApplicationFailureException>(() => bench.TakeAsync());
        Assert.Equal(nameof(ErrorCode.RegistryUnavailable), failure.ErrorType);
        Assert.Equal(0, bench.Runtime.Starts);
    }

    [Fact]
    public async Task What_the_pool_does_not_admit_is_refused_and_returned_at_once()
    {
        bench.Registry.Admission = new();
        await bench.KillAsync();
        await bench.ResumeAsync();
        bench.Offer();
        var failure = await Assert.ThrowsAsync<ApplicationFailureException>(() => bench.TakeAsync());
        Assert.Equal(nameof(ErrorCode.NotAdmitted), failure.ErrorType);
        Assert.True(Assert.Single(bench.Registry.Returns).Failure!.NothingStarted);
    }

    [Fact]
    public async Task A_new_delivery_of_the_same_lease_takes_over_and_starts_nothing()
    {
        var name = await bench.RunAsync();
        bench.Reporter.Answer = TemporalAnswer.RunOpen;
        await bench.TakeAsync(delivery: 2);
        bench.Reporter.Answer = TemporalAnswer.Accepted;
        bench.Runtime.End(name, 7);
        await bench.ForgottenAsync();
        Assert.Equal(2, Assert.Single(bench.Reporter.Reports).Token.Delivery);
        Assert.Equal(1, bench.Runtime.Starts);
    }

    [Fact]
    public async Task A_new_delivery_that_the_registry_refuses_ends_the_container()
    {
        await bench.RunAsync();
        bench.Registry.Offered.Clear();
        bench.Registry.Held.Clear();
        var failure = await Assert.ThrowsAsync<ApplicationFailureException>(() => bench.TakeAsync(delivery: 2));
        Assert.Equal(nameof(ErrorCode.StaleLease), failure.ErrorType);
        await bench.ForgottenAsync();
        Assert.True(bench.Runtime.IsEmpty);
    }

    [Fact]
    public async Task A_lease_held_for_the_worker_that_it_does_not_know_is_returned_as_nothing_started()
    {
        bench.Registry.Held[WorkerBench.Lease] = true;
        await bench.RenewAsync();
        await Until.True(() => !bench.Registry.Returns.IsEmpty, "the lease is returned");
        var returned = Assert.Single(bench.Registry.Returns);
        Assert.Equal((null, null), (returned.Outcome, returned.Failure));
    }

    [Fact]
    public async Task A_lease_that_a_renewal_calls_another_s_is_ended_at_once()
    {
        await bench.RunAsync();
        bench.Registry.Held.Clear();
        await bench.RenewAsync();
        await bench.ForgottenAsync();
        Assert.Equal(ErrorCode.StaleLease, Assert.Single(bench.Reporter.Reports).Report.Failure!.Code);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(bench.Folder.FullPath, "late")));
    }

    [Fact]
    public async Task Stop_and_extend_reach_an_attempt_also_when_they_come_before_it()
    {
        bench.Offer();
        bench.Activities.Stop(new() { Lease = WorkerBench.Lease, RequestedBy = "me", Reason = "test" });
        await bench.TakeAsync();
        await bench.ForgottenAsync();
        Assert.Equal(ContainerEnd.Stopped, Assert.Single(bench.Reporter.Reports).Report.Result!.End);

        bench.Activities.Stop(new() { Lease = WorkerBench.Lease, RequestedBy = "me", Reason = "a finished attempt needs none" });
        await bench.Activities.ExtendAsync(new() { Lease = WorkerBench.Lease, RunSeconds = 9 });
    }

    [Fact]
    public async Task A_worker_killed_while_the_job_runs_takes_it_up_again_with_every_byte_once()
    {
        var name = await bench.RunAsync();
        await bench.Runtime.PrintAsync(name, "one\n");
        await bench.KillAsync();
        await bench.Runtime.PrintAsync(name, "two\n");
        await bench.ResumeAsync();
        await Until.True(() => bench.Keeper.Find(WorkerBench.Lease)?.State.Phase == AttemptPhase.Running, "it is taken up");
        await bench.Runtime.PrintAsync(name, "three\n");
        bench.Runtime.End(name, 7);
        await bench.ForgottenAsync();

        Assert.Equal(1, bench.Runtime.Starts);
        Assert.Equal("one\ntwo\nthree\n", bench.Logs.Text(WorkerBench.Key));
        Assert.Equal(7, Assert.Single(bench.Reporter.Reports).Report.Result!.Outcome.Code);
    }

    [Fact]
    public async Task A_job_that_ended_while_the_worker_was_down_is_reported_with_its_own_end()
    {
        var name = await bench.RunAsync();
        await bench.KillAsync();
        await bench.Runtime.PrintAsync(name, "late\n");
        bench.Runtime.End(name, 7);
        var ended = DateTimeOffset.UtcNow;
        await bench.ResumeAsync();
        await bench.ForgottenAsync();
        var result = Assert.Single(bench.Reporter.Reports).Report.Result!;
        Assert.Equal(7, result.Outcome.Code);
        Assert.True(result.EndedAt <= ended);
        Assert.Equal("late\n", bench.Logs.Text(WorkerBench.Key));
    }

    [Fact]
    public async Task A_stored_report_is_delivered_by_the_next_process()
    {
        var name = await bench.RunAsync();
        bench.Reporter.Answer = TemporalAnswer.NotAccepted;
        bench.Registry.Away = true;
        bench.Runtime.End(name, 7);
        await Until.True(() => bench.Keeper.Find(WorkerBench.Lease)!.State.Phase == AttemptPhase.Closing, "the report is stored");
        await bench.KillAsync();
        bench.Reporter.Answer = TemporalAnswer.Accepted;
        bench.Registry.Away = false;
        await bench.ResumeAsync();
        await bench.ForgottenAsync();
        Assert.Equal(7, Assert.Single(bench.Reporter.Reports).Report.Result!.Outcome.Code);
        Assert.Equal(7, Assert.Single(bench.Registry.Returns).Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task A_log_store_that_is_away_holds_up_no_result_and_gets_everything_later()
    {
        var name = await bench.RunAsync();
        bench.Logs.Away = true;
        await bench.Runtime.PrintAsync(name, "kept\n");
        bench.Runtime.End(name, 7);
        await bench.ForgottenAsync();
        Assert.Equal(5, Assert.Single(bench.Reporter.Reports).Report.Result!.Log!.StdoutBytes);

        bench.Logs.Away = false;
        await new LogBacklog(bench.Folder, bench.Logs, 1 << 30, Runtimes.Host.BootClock.Instance, NullLogger.Instance).ShipAsync(CancellationToken.None);
        Assert.Equal("kept\n", bench.Logs.Text(WorkerBench.Key));
        Assert.Empty(bench.Folder.ReadUnshipped());
    }

    [Fact]
    public async Task Output_that_was_not_shipped_before_the_worker_died_is_shipped_by_the_next_process()
    {
        var name = await bench.RunAsync();
        bench.Logs.Away = true;
        bench.Reporter.Answer = TemporalAnswer.NotAccepted;
        await bench.Runtime.PrintAsync(name, "kept\n");
        bench.Runtime.End(name, 7);
        await Until.True(() => bench.Keeper.Find(WorkerBench.Lease)!.State.Phase == AttemptPhase.Closing, "the report is stored");
        await bench.KillAsync();
        bench.Reporter.Answer = TemporalAnswer.Accepted;
        await bench.ResumeAsync();
        await bench.ForgottenAsync();
        Assert.Single(bench.Folder.ReadUnshipped());
    }

    [Fact]
    public async Task Two_deliveries_at_once_start_one_container()
    {
        bench.Offer();
        await Task.WhenAll(bench.TakeAsync(delivery: 1), bench.TakeAsync(delivery: 2));
        await Until.True(() => bench.Runtime.Starts == 1, "it starts");
        Assert.Single(bench.Runtime.Plans);
    }

    [Fact]
    public async Task Draining_stops_what_runs_gracefully_once_its_limit_has_passed()
    {
        await bench.RunAsync();
        var status = new WorkerStatus();
        await using var watch = new DrainWatch(bench.Keeper, status, TimeSpan.FromMilliseconds(100), TimeProvider.System);
        watch.Want(WorkerState.Draining);
        Assert.Equal(WorkerState.Draining, status.State);
        await bench.ForgottenAsync();
        Assert.Equal(ContainerEnd.Drained, Assert.Single(bench.Reporter.Reports).Report.Result!.End);
    }

    [Fact]
    public async Task A_drain_that_is_undone_in_time_stops_nothing()
    {
        await bench.RunAsync();
        var status = new WorkerStatus();
        status.Registered(1);
        await using var watch = new DrainWatch(bench.Keeper, status, TimeSpan.FromHours(1), TimeProvider.System);
        watch.Want(WorkerState.Draining);
        watch.Want(WorkerState.Ready);
        Assert.Equal(WorkerState.Ready, status.State);
        Assert.Null(bench.Keeper.Find(WorkerBench.Lease)!.State.Ending);
    }

    [Fact]
    public async Task A_disk_that_does_not_take_the_permission_starts_nothing()
    {
        bench.Guard.DiskIsFull = true;
        bench.Offer();
        await bench.TakeAsync();
        await bench.ForgottenAsync();
        Assert.Equal(0, bench.Runtime.Starts);
        Assert.True(Assert.Single(bench.Reporter.Reports).Report.Failure!.NothingStarted);
    }

    [Fact]
    public async Task A_disk_that_does_not_take_the_token_of_a_new_delivery_leaves_the_container_alone()
    {
        var name = await bench.RunAsync();
        var journal = Path.Combine(bench.AttemptsFolder, WorkerBench.Lease.Value, "attempt.jsonl");
        File.Move(journal, journal + ".aside");
        Directory.CreateDirectory(journal);
        await bench.TakeAsync(delivery: 2);
        Directory.Delete(journal);
        File.Move(journal + ".aside", journal);
        bench.Runtime.End(name, 7);
        await bench.ForgottenAsync();
        Assert.Equal((2, 7), (bench.Reporter.Reports.Last().Token.Delivery, bench.Reporter.Reports.Last().Report.Result!.Outcome.Code!.Value));
    }

    [Fact]
    public async Task A_silent_guard_delays_the_start()
    {
        bench.Guard.Silent = true;
        bench.Offer();
        await bench.TakeAsync();
        await Until.True(() => bench.Keeper.Find(WorkerBench.Lease)!.State.Guarding.Failures > 1, "the guard was asked");
        Assert.Equal(0, bench.Runtime.Starts);
        bench.Guard.Silent = false;
        await Until.True(() => bench.Runtime.Starts == 1, "it starts");
    }

    [Fact]
    public async Task The_sweep_removes_only_what_has_the_own_label_and_no_lease()
    {
        var mine = await bench.RunAsync();
        await bench.Runtime.CreateAsync(Orphan("dispatch-old-1-x", "data-1"), CancellationToken.None);
        await bench.Runtime.CreateAsync(Orphan("dispatch-other-1-x", "data-2"), CancellationToken.None);
        var sweep = new OrphanSweep(bench.Keeper);
        await sweep.SweepAsync(CancellationToken.None);
        Assert.Empty(bench.Runtime.Removed);
        await sweep.SweepAsync(CancellationToken.None);
        Assert.Equal(["dispatch-old-1-x"], bench.Runtime.Removed);
        Assert.Equal([mine], bench.Runtime.Running());
    }

    private static ContainerPlan Orphan(string name, string dataDirectory) => new()
    {
        Name = name,
        Labels = new Dictionary<string, string> { [ContainerLabels.DataDirectory] = dataDirectory, [ContainerLabels.Lease] = "gone" },
        AttemptDirectory = "/nowhere",
    };
}
