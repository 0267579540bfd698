using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Registry.Leases;

namespace Dispatch.Placement.Tests;

/// <summary>Runs that come and go: adoption, stale asks, the sweeper.</summary>
public sealed class RunTests
{
    private readonly World world = new();

    [Fact]
    public async Task The_first_run_of_a_job_costs_no_question_to_Temporal()
    {
        await world.StartAsync("w1");
        await world.PlaceAsync("j");
        Assert.Equal(0, world.Runs.Asked);
    }

    [Fact]
    public async Task A_new_conversation_counts_once_Temporal_says_its_run_is_current()
    {
        await world.StartAsync("w1");
        var old = await world.PlaceAsync("j");
        await world.ConfirmAsync("w1", old.Lease!.Value);
        world.Runs["c2"] = new RunDescription(RunStanding.Open);
        var waiting = await world.PlaceAsync(world.Ask("j", conversation: "c2"));
        Assert.Equal(PlaceAnswerKind.Waiting, waiting.Kind);
        Assert.Contains($"until lease {old.Lease} of an earlier conversation", waiting.Why, StringComparison.Ordinal);
        await world.ReturnAsync("w1", old.Lease.Value, World.Report(old.Lease.Value));
        Assert.Equal(1, await world.TurnAsync());
        Assert.Equal(["j"], world.Nudged);
        Assert.Equal(2, (await world.PlaceAsync(world.Ask("j", conversation: "c2"))).Fence);
        Assert.Equal(1, world.Runs.Asked);
    }

    [Fact]
    public async Task A_slow_ask_of_an_ended_run_is_refused_for_good()
    {
        await world.PlaceAsync("j");
        world.Runs["c2"] = new RunDescription(RunStanding.Open);
        await world.PlaceAsync(world.Ask("j", conversation: "c2"));
        var late = await world.PlaceAsync("j");
        Assert.Equal((PlaceAnswerKind.Refused, ErrorCode.StaleLease), (late.Kind, late.Error));
        world.Runs["c0"] = new RunDescription(RunStanding.Closed, "WorkflowExecutionTerminated");
        Assert.Equal(PlaceAnswerKind.Refused, (await world.PlaceAsync(world.Ask("j", conversation: "c0"))).Kind);
    }

    [Fact]
    public async Task While_Temporal_does_not_answer_a_strange_run_is_unavailable()
    {
        await world.PlaceAsync("j");
        world.Runs.Failure = new InvalidOperationException("connection refused");
        var answer = await world.PlaceAsync(world.Ask("j", conversation: "c2"));
        Assert.Equal(PlaceAnswerKind.Unavailable, answer.Kind);
        Assert.Contains("connection refused", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sweeper_settles_what_closed_runs_left_and_leaves_what_is_open_held_or_young()
    {
        await world.StartAsync("w1", cpu: 4);
        var held = await world.PlaceAsync("held");
        await world.ConfirmAsync("w1", held.Lease!.Value);
        await world.PlaceAsync("offered", cpu: "3");
        await world.PlaceAsync("waits");
        await world.PlaceAsync("open");
        world.Runs["open-c1"] = new RunDescription(RunStanding.Open);
        world.Runs["offered-c1"] = new RunDescription(RunStanding.Closed, "WorkflowExecutionTerminated");
        Assert.Equal(0, await world.Sweeper.SweepAsync(World.None));
        world.Time.Advance(TimeSpan.FromSeconds(61));
        await world.PlaceAsync("young");
        Assert.Equal(2, await world.Sweeper.SweepAsync(World.None));
        Assert.Equal("WorkflowExecutionTerminated", (await world.RowAsync("offered")).ClosedBy);
        Assert.Equal("unknown to Temporal", (await world.RowAsync("waits")).ClosedBy);
        Assert.Null((await world.RowAsync("open")).SettledAt);
        Assert.Null((await world.RowAsync("held")).SettledAt);
        Assert.Null((await world.RowAsync("young")).SettledAt);
        Assert.Equal(LeaseState.Offered, (await world.RowAsync("open")).State == LeaseState.Offered ? LeaseState.Offered : await TurnedAsync("open"));
    }

    [Fact]
    public async Task A_run_id_that_no_run_can_have_leaves_its_own_row_alone_and_the_others_are_settled()
    {
        foreach (var job in (string[])["a", "edited", "z"]) await world.PlaceAsync(job);
        world.Runs["edited-c1"] = new RunDescription(RunStanding.Impossible);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, await world.Sweeper.SweepAsync(World.None));
        Assert.Equal(0, await world.Sweeper.SweepAsync(World.None));
        Assert.Null((await world.RowAsync("edited")).SettledAt);
        Assert.NotNull((await world.RowAsync("z")).SettledAt);
    }

    [Fact]
    public async Task The_sweeper_keeps_the_reason_that_the_run_closed_with()
    {
        await world.PlaceAsync("j");
        world.Runs["j-c1"] = new RunDescription(RunStanding.Closed, Reason: TerminationReason.QueueTimeout);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.Sweeper.SweepAsync(World.None);
        Assert.Equal(TerminationReason.QueueTimeout, (await world.RowAsync("j")).Reason);
    }

    [Fact]
    public async Task A_backlog_larger_than_one_sweep_is_swept_in_several()
    {
        var small = new World(options: new PlacementOptions { SweepWaitingMax = 10 });
        for (var i = 0; i < 35; i++) await small.PlaceAsync($"j{i}");
        small.Time.Advance(TimeSpan.FromMinutes(2));
        var swept = 0;
        for (var sweep = 0; sweep < 5; sweep++) swept += await small.Sweeper.SweepAsync(World.None);
        Assert.Equal(35, swept);
    }

    private async Task<LeaseState> TurnedAsync(string job)
    {
        await world.TurnAsync();
        return (await world.RowAsync(job)).State;
    }
}
