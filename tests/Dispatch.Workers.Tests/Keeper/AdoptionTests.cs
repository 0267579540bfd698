using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

public sealed class AdoptionTests
{
    private static readonly AttemptNotes Started = new() { ContainerId = "c1", StartedAt = Epoch, StartedAtBoot = TimeSpan.Zero, RunLimit = Seconds(30) };

    [Fact]
    public void A_running_container_is_taken_up_with_its_own_deadline_and_written_permission()
    {
        var found = AttemptLife.Next(Looking(Started, Seconds(25)), new AttemptInput.Found(Container(ContainerPhase.Running)), Seconds(8));
        Assert.Contains(new AttemptAction.Attach(), found.Actions);
        Assert.DoesNotContain(found.Actions, action => action is AttemptAction.Start or AttemptAction.Create);
        Assert.Equal((1, Seconds(25)), (found.State.Adoptions, found.State.PermissionEnds));

        var running = Reached(found.State, Seconds(8), Attempts.Started(), new AttemptInput.LeaseAnswered(Seconds(8), Contracts.Workers.LeaseStanding.Held));
        Assert.DoesNotContain(AttemptLife.Next(running, new AttemptInput.Tick(), Seconds(24)).Actions, action => action is AttemptAction.Stop);
        running = Reached(running, Seconds(24), new AttemptInput.LeaseAnswered(Seconds(24), Contracts.Workers.LeaseStanding.Held));
        Assert.Contains(AttemptLife.Next(running, new AttemptInput.Tick(), Seconds(30)).Actions, action => action is AttemptAction.Stop);
    }

    [Fact]
    public void A_container_that_ended_meanwhile_is_reported()
    {
        var state = Reached(Looking(Started, Seconds(25)), Seconds(8), new AttemptInput.Found(Container(ContainerPhase.Exited)), Attempts.Started());
        Assert.Equal(7, Closing(state, Seconds(9), Exit(7, at: 3)).Report!.Result!.Outcome.Code);
        Assert.Equal(0, state.Adoptions);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ContainerPhase.Created)]
    public void An_intent_without_a_started_container_is_lost_only_after_its_permission_and_neither_renewed_nor_heartbeaten(ContainerPhase? phase)
    {
        var found = AttemptLife.Next(Looking(null, Seconds(17)), new AttemptInput.Found(phase is { } there ? Container(there) : null), Seconds(8));
        Assert.Equal(AttemptPhase.Awaiting, found.State.Phase);
        Assert.False(found.State.IsSpokenFor(Seconds(8)));
        Assert.Equal(LeaseActivity.InDoubt, found.State.Statement(Seconds(8))!.Activity);
        Assert.DoesNotContain(found.Actions, action => action is AttemptAction.Heartbeat or AttemptAction.Remove or AttemptAction.Create or AttemptAction.Start);
        Assert.Equal(AttemptPhase.Awaiting, AttemptLife.Next(found.State, new AttemptInput.Tick(), Seconds(16.9)).State.Phase);

        var over = AttemptLife.Next(found.State, new AttemptInput.Tick(), Seconds(17));
        Assert.Contains(new AttemptAction.Remove(), over.Actions);
        var lost = Reached(over.State, Seconds(17), new AttemptInput.Removed(true), new AttemptInput.Collected(null, null));
        Assert.Equal((ErrorCode.WorkerLost, false), (lost.Report!.Failure!.Code, lost.Report.Failure.NothingStarted));
    }

    [Fact]
    public void On_a_rebooted_host_it_is_lost_at_once()
    {
        var state = Adoption.Resume(Intent(Seconds(17)), Facts, Started, null, Seconds(17), sameBoot: false, Seconds(3));
        var step = AttemptLife.Next(state, new AttemptInput.Tick(), Seconds(3));
        Assert.Contains(new AttemptAction.Remove(), step.Actions);
        var lost = Reached(step.State, Seconds(3), new AttemptInput.Removed(true), new AttemptInput.Collected(null, null));
        Assert.Equal(ErrorCode.WorkerLost, lost.Report!.Failure!.Code);
    }

    [Fact]
    public void A_stored_report_is_delivered_whatever_became_of_the_host()
    {
        var report = new AttemptReport { Result = new() { Attempt = 1, Lease = Lease, End = ContainerEnd.Exited, Outcome = new() { Code = 7 } } };
        foreach (var sameBoot in new[] { true, false })
        {
            var step = AttemptLife.Next(Adoption.Resume(Intent(Seconds(17)), Facts, null, report, null, sameBoot, Seconds(3)), new AttemptInput.Tick(), Seconds(3));
            Assert.Contains(new AttemptAction.SendReport(report), step.Actions);
            Assert.Contains(new AttemptAction.Remove(), step.Actions);
            Assert.NotNull(step.State.Statement(Seconds(3)));
        }
    }

    [Fact]
    public void The_third_adoption_without_a_minute_of_running_between_is_poison()
    {
        var second = AttemptLife.Next(Looking(Started with { Adoptions = 1 }, Seconds(25)), new AttemptInput.Found(Container(ContainerPhase.Running)), Seconds(8));
        Assert.DoesNotContain(second.Actions, action => action is AttemptAction.Kill);
        Assert.Contains(new AttemptAction.Save(Durable: true), second.Actions);

        var third = Reached(Looking(Started with { Adoptions = 2 }, Seconds(25)), Seconds(8), new AttemptInput.Found(Container(ContainerPhase.Running)));
        Assert.NotEqual(Chore.Nothing, third.Killing);
        var report = Closing(Reached(third, Seconds(8), Attempts.Started()), Seconds(9), Exit(137, 9, at: 9)).Report!;
        Assert.Equal((ErrorCode.WorkerLost, true), (report.Failure!.Code, report.Failure.Poison));
    }

    [Fact]
    public void A_minute_of_running_makes_earlier_adoptions_forgotten()
    {
        var running = Reached(Looking(Started with { Adoptions = 1, RunLimit = Seconds(900) }, Seconds(25)), Seconds(8), new AttemptInput.Found(Container(ContainerPhase.Running)), Attempts.Started());
        running = Reached(running, Seconds(67), new AttemptInput.LeaseAnswered(Seconds(67), Contracts.Workers.LeaseStanding.Held));
        Assert.Equal(2, running.Adoptions);
        Assert.Equal(0, AttemptLife.Next(running, new AttemptInput.Tick(), Seconds(68)).State.Adoptions);
    }

    [Fact]
    public void A_stop_that_was_under_way_goes_on_for_its_first_cause()
    {
        var state = Looking(Started with { Ending = EndCause.Stopped }, Seconds(25));
        var attached = Reached(state, Seconds(8), new AttemptInput.Found(Container(ContainerPhase.Running)));
        var running = AttemptLife.Next(attached, Attempts.Started(), Seconds(8));
        Assert.True(running.State.Stopping.InFlight);
        Assert.Equal(ContainerEnd.Stopped, Closing(running.State, Seconds(9), Exit(0, at: 9)).Report!.Result!.End);
    }

    [Fact]
    public void A_container_whose_permission_ended_while_nobody_watched_is_killed_before_anything_else()
    {
        var state = Adoption.Resume(Intent(Seconds(1)), Facts, Started, null, Seconds(5), sameBoot: true, Seconds(8));
        Assert.Contains(new AttemptAction.Kill(), AttemptLife.Next(state, new AttemptInput.Tick(), Seconds(8)).Actions);
    }

    private static AttemptState Looking(AttemptNotes? notes, TimeSpan permission)
    {
        var state = Adoption.Resume(Intent(Seconds(1)), Facts, notes, null, permission, sameBoot: true, Seconds(8));
        var step = AttemptLife.Next(state, new AttemptInput.Tick(), Seconds(8));
        Assert.Contains(step.Actions, action => action is AttemptAction.Look);
        return step.State;
    }
}
