using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;

namespace Dispatch.Registry.Tests;

/// <summary>Every row of the table of a lease's states, and every way that is not in it.</summary>
public sealed class LeaseStateTests
{
    private readonly Desk desk = new();

    [Fact]
    public async Task Waiting_is_entered_by_an_ask_when_nothing_lives()
    {
        var outcome = await desk.AskAsync(desk.Ask("j"));
        Assert.Equal(AskKind.Row, outcome.Kind);
        Assert.Equal(LeaseState.Waiting, outcome.Row!.State);
        Assert.True(outcome.Row.Queued);
    }

    [Fact]
    public async Task Offered_is_entered_with_room_and_counts_from_there()
    {
        await desk.RegisterAsync("w1", slots: 1);
        await desk.OfferedAsync("a", "w1");
        Assert.Equal(0, await desk.FreeSlotsAsync("w1"));
        await desk.AskAsync(desk.Ask("b"));
        Assert.Equal(OfferKind.NoRoom, (await desk.OfferAsync("b", "w1")).Kind);
    }

    [Fact]
    public async Task An_offer_does_not_expire_when_its_worker_falls_silent()
    {
        await desk.RegisterAsync("w1");
        await desk.OfferedAsync("j", "w1");
        await desk.PassAsync(60);
        Assert.Equal(LeaseState.Offered, (await desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task Held_is_entered_by_the_workers_confirm_which_returns_the_spec()
    {
        await desk.RegisterAsync("w1");
        var lease = await desk.OfferedAsync("j", "w1");
        var confirmed = await desk.ConfirmAsync("w1", lease);
        Assert.True(confirmed.Accepted);
        Assert.Equal("{}", confirmed.SpecJson);
        Assert.Equal(1, confirmed.Fence);
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task A_lost_answer_to_confirm_is_mended_by_confirming_again()
    {
        await desk.RegisterAsync("w1");
        var lease = await desk.HeldAsync("j", "w1");
        Assert.True((await desk.ConfirmAsync("w1", lease)).Accepted);
    }

    [Fact]
    public async Task Confirm_is_refused_to_another_worker_another_incarnation_and_for_an_unknown_lease()
    {
        await desk.RegisterAsync("w1");
        await desk.RegisterAsync("w2");
        var lease = await desk.OfferedAsync("j", "w1");
        Assert.Contains("belongs to worker w1", (await desk.ConfirmAsync("w2", lease)).Why, StringComparison.Ordinal);
        Assert.False((await desk.ConfirmAsync("w1", lease, incarnation: 2)).Accepted);
        Assert.Contains("unknown", (await desk.ConfirmAsync("w1", new("nothing"))).Why, StringComparison.Ordinal);
        Assert.Equal(LeaseState.Offered, (await desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task Returned_with_an_outcome_frees_the_room_at_once()
    {
        await desk.RegisterAsync("w1", slots: 1);
        var lease = await desk.HeldAsync("j", "w1");
        await desk.RenewAsync("w1", lease);
        await desk.ReturnAsync("w1", lease, code: 3);
        var row = await desk.RowAsync("j");
        Assert.Equal(LeaseState.Returned, row.State);
        Assert.Equal(3, row.Outcome!.Outcome.Code);
        Assert.Equal(1, await desk.FreeSlotsAsync("w1"));
    }

    [Fact]
    public async Task The_asker_returns_only_what_is_still_offered()
    {
        await desk.RegisterAsync("w1");
        var offered = await desk.OfferedAsync("a", "w1");
        await desk.AskAsync(desk.Ask("a") with { GiveBack = offered });
        Assert.Equal(LeaseState.Returned, (await desk.RowAsync("a")).State);
        var held = await desk.HeldAsync("b", "w1");
        var outcome = await desk.AskAsync(desk.Ask("b", attempt: 2) with { GiveBack = held });
        Assert.Equal(LeaseState.Held, outcome.Row!.State);
        Assert.Equal(1, outcome.Row.Attempt);
    }

    [Fact]
    public async Task A_return_by_another_worker_changes_nothing()
    {
        await desk.RegisterAsync("w1");
        await desk.RegisterAsync("w2");
        var lease = await desk.HeldAsync("j", "w1");
        await desk.ReturnAsync("w2", lease, code: 0);
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task The_first_return_counts_and_a_repeat_is_harmless()
    {
        await desk.RegisterAsync("w1");
        var lease = await desk.HeldAsync("j", "w1");
        await desk.ReturnAsync("w1", lease, code: 3);
        await desk.ReturnAsync("w1", lease, code: 4);
        Assert.Equal(3, (await desk.RowAsync("j")).Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task Expired_is_entered_when_renewals_are_missing_for_the_leases_length()
    {
        await desk.RegisterAsync("w1");
        var lease = await desk.HeldAsync("j", "w1");
        await desk.PassAsync(6.5);
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("j")).State);
        await desk.PassAsync(1);
        Assert.Equal(LeaseState.Expired, (await desk.RowAsync("j")).State);
        Assert.Equal(WorkerState.Lost, (await desk.Registry.FindWorkerAsync(new("w1"), Desk.None))!.Row.State);
        Assert.False((await desk.AskAsync(desk.Ask("j"))).Row!.Queued);
        Assert.NotEqual(default, lease);
    }

    [Fact]
    public async Task A_lease_that_is_renewed_lives()
    {
        await desk.RegisterAsync("w1");
        var lease = await desk.HeldAsync("j", "w1");
        await desk.PassAsync(60, () => desk.RenewAsync("w1", lease));
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task An_expired_lease_that_is_still_current_is_revived_by_confirm()
    {
        await desk.RegisterAsync("w1");
        var lease = await desk.HeldAsync("j", "w1");
        await desk.PassAsync(8);
        Assert.Equal(LeaseStanding.Expired, (await desk.RenewAsync("w1", lease)).Leases.Single().Standing);
        Assert.True((await desk.ConfirmAsync("w1", lease)).Accepted);
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task An_expired_lease_returns_its_outcome()
    {
        await desk.RegisterAsync("w1");
        var lease = await desk.HeldAsync("j", "w1");
        await desk.PassAsync(8);
        await desk.ReturnAsync("w1", lease, code: 5);
        Assert.Equal(5, (await desk.RowAsync("j")).Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task A_revival_is_refused_where_the_room_was_sold_meanwhile()
    {
        await desk.RegisterAsync("w1", slots: 1);
        var old = await desk.HeldAsync("a", "w1");
        await desk.PassAsync(8);
        await desk.RenewAsync("w1");
        await desk.OfferedAsync("b", "w1");
        Assert.Contains("was sold since", (await desk.ConfirmAsync("w1", old)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_superseded_lease_cannot_revive_and_is_not_the_workers_any_more()
    {
        await desk.RegisterAsync("w1");
        await desk.RegisterAsync("w2");
        var old = await desk.HeldAsync("j", "w1");
        await desk.PassAsync(8, () => desk.RenewAsync("w2"));
        var outcome = await desk.AskAsync(desk.Ask("j", attempt: 2));
        Assert.Equal((LeaseState.Waiting, 2), (outcome.Row!.State, outcome.Row.Attempt));
        Assert.Contains("superseded", (await desk.ConfirmAsync("w1", old)).Why, StringComparison.Ordinal);
        Assert.Equal(LeaseStanding.NotYours, (await desk.RenewAsync("w1", old)).Leases.Single().Standing);
        await desk.ReturnAsync("w1", old, code: 0);
        Assert.Equal(LeaseState.Waiting, (await desk.RowAsync("j")).State);
        var next = await desk.OfferAsync("j", "w2");
        Assert.Equal(2, next.Row!.Grant!.Fence);
    }

    [Fact]
    public async Task A_job_has_at_most_one_live_lease()
    {
        await desk.RegisterAsync("w1");
        await desk.OfferedAsync("j", "w1");
        Assert.Equal(OfferKind.JobChanged, (await desk.OfferAsync("j", "w1")).Kind);
    }

    [Fact]
    public async Task An_offer_routed_for_an_older_ask_is_not_made()
    {
        await desk.RegisterAsync("w1");
        var first = await desk.AskAsync(desk.Ask("j"));
        await desk.AskAsync(desk.Ask("j") with { Priority = 90 });
        var offer = new OfferStatement
        {
            Job = first.Row!.Job,
            Conversation = first.Row.Conversation,
            Revision = first.Row.Revision,
            Worker = new("w1"),
            Incarnation = 1,
            Router = "test@1",
            Profile = Contracts.TimeProfile.Fast,
        };
        Assert.Equal(OfferKind.JobChanged, (await desk.Registry.OfferAsync(offer, Desk.None)).Kind);
    }

    [Fact]
    public async Task Settling_leaves_the_queue_returns_an_offer_and_leaves_what_is_held()
    {
        await desk.RegisterAsync("w1");
        await desk.AskAsync(desk.Ask("a"));
        await desk.OfferedAsync("b", "w1");
        await desk.HeldAsync("c", "w1");
        foreach (var job in new[] { "a", "b", "c" }) await desk.SettleAsync(job);
        Assert.Equal(LeaseState.Returned, (await desk.RowAsync("a")).State);
        Assert.Equal(LeaseState.Returned, (await desk.RowAsync("b")).State);
        Assert.Equal(LeaseState.Held, (await desk.RowAsync("c")).State);
        Assert.Equal(3, await desk.FreeSlotsAsync("w1"));
        Assert.Equal(0, (await desk.Registry.CandidatesAsync("default", Desk.None)).Queued);
    }

    [Fact]
    public async Task A_settlement_that_a_later_ask_overtook_changes_nothing()
    {
        await desk.AskAsync(desk.Ask("j", ask: 7));
        await desk.SettleAsync("j", ask: 6);
        Assert.Null((await desk.RowAsync("j")).SettledAt);
    }

    [Fact]
    public async Task Fences_grow_over_attempts_conversations_and_forgotten_rows()
    {
        var small = new Desk(new RegistryOptions { SettledRowsMax = 0 });
        await small.RegisterAsync("w1");
        var lease = await small.HeldAsync("j", "w1");
        await small.ReturnAsync("w1", lease, code: 0);
        await small.SettleAsync("j");
        Assert.Equal(1, await small.Registry.PurgeAsync(Desk.None));
        Assert.Null(await small.Registry.FindJobAsync(new("j"), Desk.None));
        await small.AskAsync(small.Ask("j", conversation: "c2"));
        Assert.Equal(2, (await small.OfferAsync("j", "w1")).Row!.Grant!.Fence);
    }
}
