using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Workers.Keeper;
using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

public sealed class AttemptLifeTests
{
    [Fact]
    public void A_job_goes_from_pull_to_the_lease_s_return_in_order()
    {
        var state = Fresh();
        var did = new List<string>();
        AttemptInput[] inputs =
        [
            new AttemptInput.Tick(), new AttemptInput.Pulled("sha256:1"), new AttemptInput.Created("c1"), new AttemptInput.GuardAnswered(true), Started(),
            new AttemptInput.Ended(Exit(7)), new AttemptInput.Collected("all done", new(1, 3, 4)), new AttemptInput.ReportStored(true),
            new AttemptInput.ReportAnswered(TemporalAnswer.Accepted), new AttemptInput.Removed(true), new AttemptInput.Returned(true),
        ];
        foreach (var input in inputs)
        {
            var step = AttemptLife.Next(state, input, TimeSpan.Zero);
            state = step.State;
            did.AddRange(step.Actions.Where(action => action is not (AttemptAction.WritePermission or AttemptAction.Save or AttemptAction.Heartbeat)).Select(action => action.GetType().Name));
        }

        Assert.Equal(["Pull", "Create", "AskGuard", "Start", "Wait", "Collect", "StoreReport", "SendReport", "Remove", "Return", "Forget"], did);
        Assert.Equal(AttemptPhase.Done, state.Phase);
        Assert.Equal((ContainerEnd.Exited, 7, "all done"), (state.Report!.Result!.End, state.Report.Result.Outcome.Code, state.Report.Result.Outcome.Message));
    }

    [Fact]
    public void A_plain_process_is_not_pulled() =>
        Assert.Contains(new AttemptAction.Create(), AttemptLife.Next(Fresh() with { Facts = Facts with { HasImage = false } }, new AttemptInput.Tick(), default).Actions);

    [Fact]
    public void Nothing_is_started_whose_permission_is_not_ahead()
    {
        var waiting = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"));
        var step = AttemptLife.Next(waiting, new AttemptInput.GuardAnswered(true), Seconds(17));
        Assert.DoesNotContain(step.Actions, action => action is AttemptAction.Start);

        var renewed = AttemptLife.Next(step.State, new AttemptInput.LeaseAnswered(Seconds(17), LeaseStanding.Held), Seconds(17));
        Assert.DoesNotContain(renewed.Actions, action => action is AttemptAction.Start);
        Assert.Contains(new AttemptAction.Start(Seconds(34)), AttemptLife.Next(renewed.State, new AttemptInput.Tick(), Seconds(18)).Actions);
    }

    [Fact]
    public void Nothing_is_started_while_the_guard_does_not_answer()
    {
        var created = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"));
        var step = AttemptLife.Next(created, new AttemptInput.GuardAnswered(false), Seconds(1));
        Assert.DoesNotContain(step.Actions, action => action is AttemptAction.Start);
        Assert.Contains(AttemptLife.Next(step.State, new AttemptInput.Tick(), Seconds(2)).Actions, action => action is AttemptAction.AskGuard);
    }

    [Fact]
    public void A_guard_that_answered_while_the_container_was_made_is_asked_again_only_where_that_took_long()
    {
        var creating = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.GuardAnswered(true));
        Assert.Equal(AttemptPhase.Creating, creating.Phase);

        Assert.Equal(AttemptPhase.Starting, Reached(creating, AttemptDues.GuardAnswerCounts, new AttemptInput.Created("c1")).Phase);
        var late = AttemptLife.Next(creating, new AttemptInput.Created("c1"), AttemptDues.GuardAnswerCounts + TimeSpan.FromTicks(1));
        Assert.Equal((AttemptPhase.Guarding, true), (late.State.Phase, late.Actions.Contains(new AttemptAction.AskGuard())));
    }

    [Fact]
    public void The_permission_is_written_before_the_start_and_at_every_accepted_renewal_and_heartbeat()
    {
        var created = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"));
        var actions = AttemptLife.Next(created, new AttemptInput.GuardAnswered(true), default).Actions;
        Assert.Equal([new AttemptAction.WritePermission(Seconds(17)), new AttemptAction.Start(Seconds(17))], actions.Where(action => action is not AttemptAction.Heartbeat));

        var beaten = AttemptLife.Next(Running(), new AttemptInput.HeartbeatAnswered(Seconds(3), TemporalAnswer.Accepted), Seconds(4));
        Assert.Contains(new AttemptAction.WritePermission(Seconds(20)), beaten.Actions);
        var renewed = AttemptLife.Next(beaten.State, new AttemptInput.LeaseAnswered(Seconds(5), LeaseStanding.Held), Seconds(6));
        Assert.Contains(new AttemptAction.WritePermission(Seconds(22)), renewed.Actions);
    }

    [Fact]
    public void When_neither_witness_answers_the_container_is_killed_at_the_end_of_permission()
    {
        var before = AttemptLife.Next(Running(), new AttemptInput.Tick(), Seconds(16.9));
        Assert.DoesNotContain(before.Actions, action => action is AttemptAction.Kill);
        Assert.Equal(Seconds(17), AttemptSchedule.NextAt(before.State with { Heartbeating = Chore.Nothing }));
        Assert.Contains(AttemptLife.Next(before.State, new AttemptInput.Tick(), Seconds(17)).Actions, action => action is AttemptAction.Kill);
    }

    [Theory]
    [InlineData(LeaseStanding.NotYours, true)]
    [InlineData(LeaseStanding.Expired, false)]
    [InlineData(LeaseStanding.Held, false)]
    public void Only_a_lease_of_another_ends_a_container_at_once(LeaseStanding standing, bool killed)
    {
        var step = AttemptLife.Next(Running(), new AttemptInput.LeaseAnswered(Seconds(1), standing), Seconds(1));
        Assert.Equal(killed, step.Actions.Any(action => action is AttemptAction.Kill));
        Assert.Equal(killed, step.Actions.Contains(new AttemptAction.WritePermission(Seconds(1))));
    }

    [Fact]
    public void A_lease_that_the_registry_no_longer_speaks_for_leaves_the_permission_to_Temporal()
    {
        var running = Reached(
            Running(), Seconds(9), new AttemptInput.HeartbeatAnswered(Seconds(5), TemporalAnswer.Accepted), new AttemptInput.LeaseAnswered(Seconds(8), LeaseStanding.Held));
        Assert.Equal(Seconds(25), running.PermissionEnds);

        var forgotten = AttemptLife.Next(running, new AttemptInput.LeaseAnswered(Seconds(12), LeaseStanding.Expired), Seconds(12));
        Assert.Equal(Seconds(22), forgotten.State.PermissionEnds);
        Assert.Contains(new AttemptAction.WritePermission(Seconds(22)), forgotten.Actions);
        Assert.DoesNotContain(forgotten.Actions, action => action is AttemptAction.Kill);
        Assert.Equal(Seconds(30), Reached(forgotten.State, Seconds(13), new AttemptInput.HeartbeatAnswered(Seconds(13), TemporalAnswer.Accepted)).PermissionEnds);

        // An answer that was overtaken takes nothing back.
        Assert.Equal(Seconds(25), Reached(running, Seconds(12), new AttemptInput.LeaseAnswered(Seconds(7), LeaseStanding.Expired)).PermissionEnds);
        var silent = AttemptLife.Next(running, new AttemptInput.LeaseAnswered(Seconds(23), LeaseStanding.Expired), Seconds(23));
        Assert.Contains(silent.Actions, action => action is AttemptAction.Kill);
    }

    [Theory]
    [InlineData(nameof(TemporalAnswer.Accepted), false, false)]
    [InlineData(nameof(TemporalAnswer.CancelRequested), false, true)]
    [InlineData(nameof(TemporalAnswer.RunOpen), false, false)]
    [InlineData(nameof(TemporalAnswer.RunClosed), true, false)]
    [InlineData(nameof(TemporalAnswer.NotAccepted), false, false)]
    public void A_heartbeat_s_answer_is_followed(string answered, bool killed, bool stopped)
    {
        var answer = Enum.Parse<TemporalAnswer>(answered);
        var step = AttemptLife.Next(Running(), new AttemptInput.HeartbeatAnswered(Seconds(1), answer), Seconds(1));
        Assert.Equal(killed, step.Actions.Any(action => action is AttemptAction.Kill));
        Assert.Equal(stopped, step.Actions.Contains(new AttemptAction.Stop(Seconds(10))));
        Assert.Equal(answer is TemporalAnswer.Accepted or TemporalAnswer.CancelRequested, step.State.Witnesses.HeartbeatSentAt == Seconds(1));
    }

    [Fact]
    public void The_run_deadline_counts_from_the_container_s_start_and_can_be_moved_back_only()
    {
        var running = Reached(Running() with { RunLimit = Seconds(10) }, Seconds(5), new AttemptInput.LeaseAnswered(Seconds(5), LeaseStanding.Held));
        var extended = AttemptLife.Next(running, new AttemptInput.Extended(Seconds(15)), Seconds(6));
        Assert.Contains(new AttemptAction.Save(Durable: true), extended.Actions);
        Assert.Empty(AttemptLife.Next(extended.State, new AttemptInput.Extended(Seconds(8)), Seconds(6)).Actions.OfType<AttemptAction.Save>());

        Assert.Contains(new AttemptAction.Stop(Seconds(10)), AttemptLife.Next(running, new AttemptInput.Tick(), Seconds(10)).Actions);
        Assert.DoesNotContain(AttemptLife.Next(extended.State, new AttemptInput.Tick(), Seconds(14)).Actions, action => action is AttemptAction.Stop);
        var late = AttemptLife.Next(extended.State, new AttemptInput.Tick(), Seconds(15)).State;
        Assert.Equal(ContainerEnd.TimedOut, Closing(late, Seconds(16), Exit(143, 15)).Report!.Result!.End);
    }

    [Fact]
    public void The_first_cause_of_an_end_counts_and_the_code_stays_the_workload_s()
    {
        var stopped = Reached(Running(), Seconds(1), new AttemptInput.StopAsked(Now: false, EndCause.Stopped), new AttemptInput.StopAsked(Now: false, EndCause.Drained));
        var report = Closing(stopped, Seconds(2), Exit(0)).Report!.Result!;
        Assert.Equal((ContainerEnd.Stopped, 0, null), (report.End, report.Outcome.Code, report.Outcome.Signal));
    }

    [Fact]
    public void A_graceful_stop_can_still_be_made_a_kill()
    {
        var stopping = Reached(Running(), Seconds(1), new AttemptInput.StopAsked(Now: false, EndCause.Stopped));
        Assert.Contains(new AttemptAction.Kill(), AttemptLife.Next(stopping, new AttemptInput.StopAsked(Now: true, EndCause.Stopped), Seconds(2)).Actions);
    }

    [Fact]
    public void A_stop_before_the_start_starts_nothing()
    {
        var pulling = Reached(Fresh(), default, new AttemptInput.Tick());
        var step = AttemptLife.Next(pulling, new AttemptInput.StopAsked(Now: false, EndCause.Stopped), Seconds(1));
        Assert.Contains(new AttemptAction.CancelPreparation(), step.Actions);
        var state = Reached(step.State, Seconds(1), new AttemptInput.Pulled("d"), new AttemptInput.Collected(null, null), new AttemptInput.ReportStored(true));
        Assert.Equal((ContainerEnd.Stopped, null), (state.Report!.Result!.End, state.Report.Result.Outcome.Code));
        Assert.True(state.Removing.IsDone);
    }

    [Fact]
    public void A_stop_while_the_start_is_under_way_reaches_the_started_container()
    {
        var starting = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"), new AttemptInput.GuardAnswered(true));
        var stopped = Reached(starting, Seconds(1), new AttemptInput.StopAsked(Now: false, EndCause.Stopped), new AttemptInput.Halted(Kill: false, Done: true));
        Assert.Contains(new AttemptAction.Stop(Seconds(10)), AttemptLife.Next(stopped, Started(), Seconds(2)).Actions);
    }

    [Fact]
    public void A_stop_that_is_under_way_when_the_start_is_reported_is_done_again()
    {
        var starting = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"), new AttemptInput.GuardAnswered(true));
        var running = Reached(starting, Seconds(1), new AttemptInput.StopAsked(Now: false, EndCause.Stopped), Started());

        // What it answers is of a time when there was nothing to stop.
        var again = AttemptLife.Next(running, new AttemptInput.Halted(Kill: false, Done: true), Seconds(2));
        Assert.Contains(new AttemptAction.Stop(Seconds(10)), again.Actions);
        Assert.DoesNotContain(new AttemptAction.Stop(Seconds(10)), AttemptLife.Next(again.State, new AttemptInput.Halted(Kill: false, Done: true), Seconds(3)).Actions);
    }

    [Theory]
    [InlineData(nameof(AttemptPhase.Pulling), ErrorCode.ImageNotFound, ErrorPhase.Pull)]
    [InlineData(nameof(AttemptPhase.Pulling), ErrorCode.PullFailed, ErrorPhase.Pull)]
    [InlineData(nameof(AttemptPhase.Creating), ErrorCode.StartFailed, ErrorPhase.Create)]
    [InlineData(nameof(AttemptPhase.Starting), ErrorCode.StartFailed, ErrorPhase.Start)]
    public void What_the_runtime_refuses_is_reported_with_its_code_and_nothing_was_started(string during, ErrorCode code, ErrorPhase phase)
    {
        var at = Enum.Parse<AttemptPhase>(during);
        var state = Fresh();
        foreach (var input in new AttemptInput[] { new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"), new AttemptInput.GuardAnswered(true) })
        {
            if (state.Phase != at)
            {
                state = AttemptLife.Next(state, input, default).State;
            }
        }

        state = Reached(state, default, Refused(at, code), new AttemptInput.Collected(null, null), new AttemptInput.ReportStored(true));
        Assert.Equal((code, phase, true), (state.Report!.Failure!.Code, state.Report.Failure.Phase, state.Report.Failure.NothingStarted));
        Assert.Equal(at != AttemptPhase.Pulling, !state.Removing.IsDone);
    }

    [Theory]
    [InlineData(null, ErrorCode.WorkerLost)]
    [InlineData(nameof(EndCause.PermissionEnded), ErrorCode.WorkerLost)]
    [InlineData(nameof(EndCause.NotYours), ErrorCode.StaleLease)]
    [InlineData(nameof(EndCause.Stopped), null)]
    public void What_was_removed_before_its_start_ended_for_the_cause_of_its_kill_and_without_one_it_is_lost(string? cause, ErrorCode? code)
    {
        var starting = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"), new AttemptInput.GuardAnswered(true));
        Assert.Equal(AttemptPhase.Starting, starting.Phase);
        var ended = cause is null ? starting : starting with { Ending = Enum.Parse<EndCause>(cause) };

        var report = Reached(ended, Seconds(1), Refused(AttemptPhase.Starting, ErrorCode.WorkerLost, gone: true), new AttemptInput.Collected(null, null)).Report!;
        Assert.Equal(code, report.Failure?.Code);
        Assert.Equal(code is null ? ContainerEnd.Stopped : null, report.Result?.End);
        Assert.NotEqual(false, report.Failure?.NothingStarted);
    }

    [Fact]
    public void A_start_under_way_when_permission_ends_is_met_with_a_kill()
    {
        var starting = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"), new AttemptInput.GuardAnswered(true));
        var over = AttemptLife.Next(starting, new AttemptInput.Tick(), starting.PermissionEnds!.Value);
        Assert.Contains(new AttemptAction.Kill(), over.Actions);
    }

    [Fact]
    public void Pull_and_init_have_a_deadline_together()
    {
        var pulling = Reached(Fresh() with { Facts = Facts with { InitLimit = Seconds(2) } }, default, new AttemptInput.Tick());
        var step = AttemptLife.Next(pulling, new AttemptInput.Tick(), Seconds(2));
        Assert.Contains(new AttemptAction.CancelPreparation(), step.Actions);
        var failure = Reached(step.State, Seconds(2), new AttemptInput.Collected(null, null)).Report!.Failure!;
        Assert.Equal((ErrorCode.PullFailed, true), (failure.Code, failure.NothingStarted));
        Assert.Contains("timeouts.init of 2 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_is_not_answered_is_looked_for_and_never_repeated()
    {
        var starting = Reached(Fresh(), default, new AttemptInput.Tick(), new AttemptInput.Pulled("d"), new AttemptInput.Created("c1"), new AttemptInput.GuardAnswered(true));
        var silent = Reached(starting, Seconds(1), Refused(AttemptPhase.Starting, ErrorCode.RuntimeUnavailable));
        var look = AttemptLife.Next(silent, new AttemptInput.Tick(), Seconds(2));
        Assert.Contains(new AttemptAction.Look(), look.Actions);
        Assert.Contains(new AttemptAction.Attach(), AttemptLife.Next(look.State, new AttemptInput.Found(Container(ContainerPhase.Running)), Seconds(2)).Actions);

        var created = AttemptLife.Next(look.State, new AttemptInput.Found(Container(ContainerPhase.Created)), Seconds(2));
        Assert.Contains(new AttemptAction.Remove(), created.Actions);
        Assert.DoesNotContain(created.Actions, action => action is AttemptAction.Collect);
        var gone = AttemptLife.Next(created.State, new AttemptInput.Removed(true), Seconds(3));
        Assert.Equal(ErrorCode.RuntimeUnavailable, Reached(gone.State, Seconds(3), new AttemptInput.Collected(null, null)).Report!.Failure!.Code);
    }

    [Fact]
    public void A_container_removed_from_outside_is_a_lost_worker_and_never_a_success()
    {
        var state = Reached(Running(), Seconds(1), Refused(AttemptPhase.Running, ErrorCode.WorkerLost, gone: true), new AttemptInput.Collected(null, new(1, 3, 0)));
        Assert.Equal(ErrorCode.WorkerLost, state.Report!.Failure!.Code);
        Assert.Equal(3, state.Report.Failure.Log!.StdoutBytes);
    }
}
