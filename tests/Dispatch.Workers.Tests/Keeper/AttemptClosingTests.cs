using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Keeper;
using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

public sealed class AttemptClosingTests
{
    [Fact]
    public void A_report_is_stored_before_it_is_sent_and_storing_is_tried_again()
    {
        var collected = AttemptLife.Next(Reached(Running(), Seconds(1), new AttemptInput.Ended(Exit(7))), new AttemptInput.Collected(null, null), Seconds(1));
        Assert.Contains(collected.Actions, action => action is AttemptAction.StoreReport);
        Assert.DoesNotContain(collected.Actions, action => action is AttemptAction.SendReport or AttemptAction.Remove);

        var refused = AttemptLife.Next(collected.State, new AttemptInput.ReportStored(false), Seconds(1));
        Assert.DoesNotContain(refused.Actions, action => action is AttemptAction.SendReport or AttemptAction.Remove);
        Assert.Contains(AttemptLife.Next(refused.State, new AttemptInput.Tick(), Seconds(2)).Actions, action => action is AttemptAction.StoreReport);
    }

    [Fact]
    public void A_report_that_Temporal_does_not_take_is_sent_again_and_the_registry_gets_the_outcome_meanwhile()
    {
        var closing = Closing(Running(), Seconds(1), Exit(7));
        var silent = AttemptLife.Next(closing, new AttemptInput.ReportAnswered(TemporalAnswer.NotAccepted), Seconds(2));
        var removed = AttemptLife.Next(silent.State, new AttemptInput.Removed(true), Seconds(2));
        Assert.Contains(new AttemptAction.Return(closing.Report!), removed.Actions);
        var returned = AttemptLife.Next(removed.State, new AttemptInput.Returned(true), Seconds(2));
        Assert.Equal(AttemptPhase.Closing, returned.State.Phase);
        Assert.Contains(new AttemptAction.SendReport(closing.Report!), AttemptLife.Next(returned.State, new AttemptInput.Tick(), Seconds(4)).Actions);
    }

    [Fact]
    public void The_lease_is_returned_only_once_the_container_is_gone()
    {
        var closing = Closing(Running(), Seconds(1), Exit(7));
        var delivered = AttemptLife.Next(closing, new AttemptInput.ReportAnswered(TemporalAnswer.Accepted), Seconds(1));
        Assert.DoesNotContain(delivered.Actions, action => action is AttemptAction.Return);
        var refused = AttemptLife.Next(delivered.State, new AttemptInput.Removed(false), Seconds(1));
        Assert.DoesNotContain(refused.Actions, action => action is AttemptAction.Return);
    }

    [Fact]
    public void An_ended_container_that_cannot_be_removed_is_left_to_the_sweep_after_some_tries()
    {
        var state = Closing(Running(), Seconds(1), Exit(7));
        var now = Seconds(1);
        for (var tries = 1; tries <= AttemptDues.RemovalTriesMax; tries++)
        {
            var step = AttemptLife.Next(state, new AttemptInput.Removed(false), now);
            Assert.Equal(tries == AttemptDues.RemovalTriesMax, step.Actions.Any(action => action is AttemptAction.Return));
            now += Seconds(10);
            state = AttemptLife.Next(step.State, new AttemptInput.Tick(), now).State;
        }
    }

    [Fact]
    public void A_report_whose_activity_is_gone_waits_for_a_new_delivery_and_goes_with_its_token()
    {
        var orphaned = Reached(Closing(Running(), Seconds(1), Exit(7)), Seconds(2), new AttemptInput.ReportAnswered(TemporalAnswer.RunOpen), new AttemptInput.Removed(true), new AttemptInput.Returned(true));
        Assert.Equal(AttemptPhase.Closing, orphaned.Phase);
        Assert.Null(orphaned.Statement(Seconds(2)));

        var again = AttemptLife.Next(orphaned, new AttemptInput.TokenTaken(), Seconds(3));
        Assert.Contains(new AttemptAction.SendReport(orphaned.Report!), again.Actions);
        Assert.Equal(AttemptPhase.Done, Reached(again.State, Seconds(3), new AttemptInput.ReportAnswered(TemporalAnswer.Accepted)).Phase);

        var forgotten = AttemptLife.Next(orphaned, new AttemptInput.Tick(), Seconds(42));
        Assert.Contains(new AttemptAction.Forget(Late: false), forgotten.Actions);
    }

    [Fact]
    public void A_report_of_a_lease_that_is_another_s_waits_for_no_new_delivery()
    {
        var superseded = Reached(Running(), Seconds(1), new AttemptInput.LeaseAnswered(Seconds(1), LeaseStanding.NotYours));
        var removed = Reached(Closing(superseded, Seconds(2), Exit(137, 9, at: 2)), Seconds(2), new AttemptInput.ReportAnswered(TemporalAnswer.RunOpen), new AttemptInput.Removed(true));
        var returned = AttemptLife.Next(removed, new AttemptInput.Returned(true), Seconds(2));
        Assert.Contains(new AttemptAction.Forget(Late: true), returned.Actions);
    }

    [Fact]
    public void The_container_of_a_closed_run_is_killed_and_its_report_kept_as_late()
    {
        var killed = Reached(Running(), Seconds(1), new AttemptInput.HeartbeatAnswered(Seconds(1), TemporalAnswer.RunClosed));
        var closing = Closing(killed, Seconds(2), Exit(137, 9, at: 2));
        Assert.Equal((Delivery.Late, ErrorCode.StaleLease), (closing.Delivery, closing.Report!.Failure!.Code));
        var gone = AttemptLife.Next(Reached(closing, Seconds(2), new AttemptInput.Removed(true)), new AttemptInput.Returned(true), Seconds(2));
        Assert.Contains(new AttemptAction.Forget(Late: true), gone.Actions);
    }

    [Theory]
    [InlineData(137, 9, 18, false, true)]
    [InlineData(137, null, 18, false, true)]
    [InlineData(137, 9, 10, false, false)]
    [InlineData(137, null, 10, false, false)]
    [InlineData(137, 9, 18, true, false)]
    [InlineData(0, null, 18, false, false)]
    [InlineData(143, 15, 18, false, false)]
    public void A_kill_after_the_end_of_permission_is_a_lost_worker_any_other_end_is_the_workload_s(int code, int? signal, double at, bool outOfMemory, bool lost)
    {
        var report = Closing(Running(), Seconds(at), Exit(code, signal, at, outOfMemory)).Report!;
        Assert.Equal(lost, report.Failure is { Code: ErrorCode.WorkerLost });
        Assert.Equal(!lost, report.Result is { End: ContainerEnd.Exited });
    }

    [Fact]
    public void A_kill_for_want_of_permission_is_a_lost_worker_also_where_permission_came_back_before_it()
    {
        var ended = AttemptLife.Next(Running(), new AttemptInput.Tick(), Seconds(30)).State;
        Assert.Equal(EndCause.PermissionEnded, ended.Ending);
        var permitted = Reached(ended, Seconds(30.1), new AttemptInput.LeaseAnswered(Seconds(30), LeaseStanding.Held));
        Assert.True(permitted.IsPermitted(Seconds(30.1)));
        Assert.Equal(ErrorCode.WorkerLost, Closing(permitted, Seconds(30.2), Exit(137, 9, at: 30.2)).Report!.Failure!.Code);
    }

    [Fact]
    public void A_kill_by_the_guard_just_before_permission_came_back_is_a_lost_worker()
    {
        var permitted = Reached(Running(), Seconds(30), new AttemptInput.LeaseAnswered(Seconds(29.9), LeaseStanding.Held));
        Assert.Null(permitted.Ending);
        Assert.Equal(ErrorCode.WorkerLost, Closing(permitted, Seconds(30.1), Exit(137, 9, at: 29.8)).Report!.Failure!.Code);
        Assert.Equal(ErrorCode.WorkerLost, Closing(permitted, Seconds(35), Exit(137, 9, at: 29.8) with { ToldAfter = Seconds(5) }).Report!.Failure!.Code);
        Assert.Equal(ContainerEnd.Exited, Closing(permitted, Seconds(35), Exit(137, 9, at: 34)).Report!.Result!.End);
        Assert.Equal(ContainerEnd.Exited, Closing(permitted, Seconds(30.1), Exit(0, at: 29.8)).Report!.Result!.End);
    }

    [Fact]
    public void A_kill_while_the_guard_goes_by_an_older_permission_is_a_lost_worker()
    {
        var untold = Reached(Running(), Seconds(5), new AttemptInput.PermissionKept(Taken: false), new AttemptInput.LeaseAnswered(Seconds(5), LeaseStanding.Held));
        Assert.Equal(ErrorCode.WorkerLost, Closing(untold, Seconds(18), Exit(137, 9, at: 18)).Report!.Failure!.Code);
        Assert.Equal(ContainerEnd.Exited, Closing(untold, Seconds(18), Exit(0, at: 18)).Report!.Result!.End);

        var told = Reached(untold, Seconds(18), new AttemptInput.PermissionKept(Taken: true));
        Assert.Equal(ErrorCode.WorkerLost, Closing(told, Seconds(18.9), Exit(137, 9, at: 18.9)).Report!.Failure!.Code);
        Assert.Equal(ContainerEnd.Exited, Closing(told, Seconds(19.1), Exit(137, 9, at: 19.1)).Report!.Result!.End);
    }

    [Fact]
    public void Nothing_is_started_whose_permission_the_disk_does_not_take()
    {
        var guarding = Reached(Fresh(), Seconds(1), new AttemptInput.Tick(), new AttemptInput.PermissionKept(Taken: false), new AttemptInput.Pulled("sha256:0"), new AttemptInput.Created("c1"));
        var refused = Reached(guarding, Seconds(1), new AttemptInput.GuardAnswered(Answers: true), new AttemptInput.Collected(null, null));
        Assert.Equal((ErrorCode.WorkerLost, true), (refused.Report!.Failure!.Code, refused.Report.Failure.NothingStarted));
    }

    [Fact]
    public void Nothing_is_started_while_a_guard_may_still_be_at_the_kill_that_an_ended_permission_began()
    {
        var guarding = Reached(Fresh(), Seconds(1), new AttemptInput.Tick(), new AttemptInput.Pulled("sha256:0"), new AttemptInput.Created("c1"));
        var late = Reached(guarding, Seconds(30), new AttemptInput.GuardAnswered(Answers: true), new AttemptInput.LeaseAnswered(Seconds(30), LeaseStanding.Held));
        Assert.Equal(AttemptPhase.Guarding, late.Phase);
        Assert.Equal(Seconds(31), AttemptSchedule.NextAt(late));
        Assert.Equal(AttemptPhase.Starting, Reached(late, Seconds(31), new AttemptInput.Tick()).Phase);
    }

    [Fact]
    public void Everything_is_named_in_renewals_until_the_lease_is_returned()
    {
        var running = Running();
        Assert.Equal((LeaseActivity.Running, Epoch), (running.Statement(default)!.Activity, running.Statement(default)!.StartedAt));
        var closing = Closing(running, Seconds(1), Exit(7));
        Assert.Equal(LeaseActivity.Ended, closing.Statement(Seconds(1))!.Activity);
        Assert.Null(Reached(closing, Seconds(1), new AttemptInput.Removed(true), new AttemptInput.Returned(true)).Statement(Seconds(1)));
    }

    [Fact]
    public void A_lease_that_is_another_s_changes_nothing_about_a_stored_report()
    {
        var closing = Closing(Running(), Seconds(1), Exit(7));
        var step = AttemptLife.Next(closing, new AttemptInput.LeaseAnswered(Seconds(1), LeaseStanding.NotYours), Seconds(1));
        Assert.Equal(closing.Report, step.State.Report);
        Assert.Null(step.State.Ending);
    }
}
