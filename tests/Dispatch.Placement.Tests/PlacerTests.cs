using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;

namespace Dispatch.Placement.Tests;

public sealed class PlacerTests
{
    private readonly World world = new();

    [Fact]
    public async Task A_job_with_room_is_offered_confirmed_and_returned()
    {
        await world.StartAsync("w1");
        var offered = await world.PlaceAsync("j");
        Assert.Equal(PlaceAnswerKind.Offered, offered.Kind);
        Assert.Equal("least-loaded@1", offered.Router);
        Assert.Equal(1, offered.Fence);
        Assert.Equal(new WorkerId("w1"), offered.Explanation!.Chosen);
        var confirmed = await world.ConfirmAsync("w1", offered.Lease!.Value);
        Assert.True(confirmed.Accepted);
        Assert.Contains("process", confirmed.SpecJson, StringComparison.Ordinal);
        Assert.Equal(PlaceAnswerKind.Held, (await world.PlaceAsync(world.Ask("j"))).Kind);
        await world.ReturnAsync("w1", offered.Lease.Value, World.Report(offered.Lease.Value, code: 7));
        var ended = await world.PlaceAsync(world.Ask("j"));
        Assert.Equal(PlaceAnswerKind.Ended, ended.Kind);
        Assert.False(ended.Expired);
        Assert.Equal(7, ended.Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task A_repeated_ask_finds_what_it_did()
    {
        await world.StartAsync("w1");
        var ask = world.Ask("j");
        var first = await world.PlaceAsync(ask);
        Assert.Equal(first, await world.PlaceAsync(ask));
        Assert.Equal(1, (await world.RowAsync("j")).Grant!.Fence);
    }

    [Fact]
    public async Task A_lower_ask_changes_nothing()
    {
        await world.StartAsync("w1");
        var first = await world.PlaceAsync(world.Ask("j", ask: 5));
        var late = await world.PlaceAsync(world.Ask("j", attempt: 2, ask: 4) with { GiveBack = first.Lease });
        Assert.Equal(PlaceAnswerKind.Offered, late.Kind);
        Assert.Equal(first.Lease, late.Lease);
    }

    [Fact]
    public async Task Without_a_worker_a_job_waits_and_is_offered_and_nudged_when_one_registers()
    {
        var waiting = await world.PlaceAsync("j");
        Assert.Equal(PlaceAnswerKind.Waiting, waiting.Kind);
        Assert.Contains("No worker is registered in pool default", waiting.Why, StringComparison.Ordinal);
        await world.StartAsync("w1");
        Assert.Equal(1, await world.TurnAsync());
        Assert.Equal(["j"], world.Nudged);
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync(world.Ask("j"))).Kind);
    }

    [Fact]
    public async Task An_offer_given_back_excludes_nothing_by_itself_and_the_next_attempt_goes_on()
    {
        await world.StartAsync("w1");
        await world.StartAsync("w2");
        var first = await world.PlaceAsync("j");
        var next = await world.PlaceAsync(world.Ask("j", attempt: 2) with
        {
            GiveBack = first.Lease,
            Excluded = [new ExcludedWorker(first.Worker!.Value, 1, "unreachable")],
        });
        Assert.Equal(PlaceAnswerKind.Offered, next.Kind);
        Assert.Equal(2, next.Attempt);
        Assert.NotEqual(first.Worker, next.Worker);
        Assert.Equal(2, next.Fence);
        Assert.False((await world.ConfirmAsync(first.Worker.Value.Value, first.Lease!.Value)).Accepted);
    }

    [Fact]
    public async Task A_pool_that_does_not_exist_is_named_with_those_that_do()
    {
        var refused = await world.PlaceAsync(world.Ask("j", extra: ""","pool":"gpu" """));
        Assert.Equal(PlaceAnswerKind.Refused, refused.Kind);
        Assert.Equal(ErrorCode.InvalidJobSpec, refused.Error);
        Assert.Contains("there is no pool \"gpu\"; there are: default", refused.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_pool_does_not_admit_is_refused_with_everything_named()
    {
        var strict = new World([new PoolOptions()]);
        var refused = await strict.PlaceAsync("j");
        Assert.Equal(ErrorCode.NotAdmitted, refused.Error);
        Assert.Contains("process: the pool does not allow plain processes", refused.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_fits_no_worker_says_so_at_once_and_waits()
    {
        await world.StartAsync("w1", cpu: 4);
        var waiting = await world.PlaceAsync("big", cpu: "64");
        Assert.Equal(PlaceAnswerKind.Waiting, waiting.Kind);
        Assert.Contains("No worker of pool default fits the job, even idle", waiting.Why, StringComparison.Ordinal);
        Assert.Contains("cpu: needs 64, has 4 in all, 60 missing", waiting.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_that_fails_what_fits_nowhere_refuses_it_at_once()
    {
        var failing = new World([World.Pool(noEligible: NoEligible.Fail)]);
        await failing.StartAsync("w1", cpu: 4);
        var refused = await failing.PlaceAsync("big", cpu: "64");
        Assert.Equal(ErrorCode.NoEligibleWorker, refused.Error);
        Assert.Contains("60 missing", refused.Why, StringComparison.Ordinal);
        Assert.Equal(PlaceAnswerKind.Offered, (await failing.PlaceAsync("small", cpu: "4")).Kind);
        Assert.Equal(PlaceAnswerKind.Waiting, (await failing.PlaceAsync("busy", cpu: "4")).Kind);
    }

    [Fact]
    public async Task A_paused_job_stays_out_of_the_queue_until_it_asks_again()
    {
        var paused = await world.PlaceAsync(world.Ask("j") with { Paused = true });
        Assert.Equal(PlaceAnswerKind.Waiting, paused.Kind);
        await world.StartAsync("w1");
        Assert.Equal(0, await world.TurnAsync());
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("j")).Kind);
    }

    [Fact]
    public async Task A_settled_job_leaves_the_queue_and_a_late_ask_of_its_run_is_refused()
    {
        await world.PlaceAsync("j");
        await world.Placer.SettleAsync(
            new Settlement { Job = new JobId("j"), Conversation = new ConversationId("j-c1"), RunId = "j-c1", Ask = 2, Reason = TerminationReason.Cancelled }, World.None);
        Assert.Equal(0, (await world.Registry.CandidatesAsync("default", World.None)).Queued);
        Assert.Equal(PlaceAnswerKind.Refused, (await world.PlaceAsync(world.Ask("j"))).Kind);
        Assert.Equal(TerminationReason.Cancelled, (await world.RowAsync("j")).Reason);
    }

    [Fact]
    public async Task A_worker_without_declared_slots_has_exactly_one()
    {
        await world.StartAsync("w1", slots: null);
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("a")).Kind);
        var second = await world.PlaceAsync("b");
        Assert.Equal(PlaceAnswerKind.Waiting, second.Kind);
        Assert.Contains("slots: needs 1, 0 of 1 free", second.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_now_tells_the_place_in_the_queue_and_what_is_missing()
    {
        await world.StartAsync("w1", cpu: 1);
        await world.PlaceAsync("a");
        await world.PlaceAsync("b");
        await world.PlaceAsync("c");
        var why = await world.Placer.ExplainNowAsync(new JobId("c"), World.None);
        Assert.Equal(1, why!.Position);
        Assert.Contains("cpu: needs 1, 0 of 1 free, 1 missing", why.Summary, StringComparison.Ordinal);
        Assert.Equal(LeaseState.Offered, (await world.Placer.ExplainNowAsync(new JobId("a"), World.None))!.Row.State);
    }
}
