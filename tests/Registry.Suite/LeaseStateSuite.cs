using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Leases;

namespace Registry.Suite;

/// <summary>Every row of the table of a lease's states, and every way that is not in it.</summary>
public abstract class LeaseStateSuite(IRegistryMaker maker) : RegistrySuite(maker)
{
    [Fact]
    public async Task Waiting_is_entered_by_an_ask_when_nothing_lives()
    {
        var outcome = await Desk.AskAsync(Desk.Ask("j"));
        Assert.Equal(AskKind.Row, outcome.Kind);
        Assert.Equal(LeaseState.Waiting, outcome.Row!.State);
        Assert.True(outcome.Row.Queued);
    }

    [Fact]
    public async Task Offered_is_entered_with_room_and_counts_from_there()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        await Desk.OfferedAsync("a", "w1");
        Assert.Equal(0, await Desk.FreeSlotsAsync("w1"));
        await Desk.AskAsync(Desk.Ask("b"));
        Assert.Equal(OfferKind.NoRoom, (await Desk.OfferAsync("b", "w1")).Kind);
    }

    [Fact]
    public async Task An_offer_does_not_expire_when_its_worker_falls_silent()
    {
        await Desk.RegisterAsync("w1");
        await Desk.OfferedAsync("j", "w1");
        await Desk.PassAsync(60);
        Assert.Equal(LeaseState.Offered, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task Held_is_entered_by_the_workers_confirm_which_returns_the_spec()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.OfferedAsync("j", "w1");
        var confirmed = await Desk.ConfirmAsync("w1", lease);
        Assert.True(confirmed.Accepted);
        Assert.Equal("{}", confirmed.SpecJson);
        Assert.Equal(1, confirmed.Fence);
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task A_lost_answer_to_confirm_is_mended_by_confirming_again()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        Assert.True((await Desk.ConfirmAsync("w1", lease)).Accepted);
    }

    [Fact]
    public async Task Confirm_is_refused_to_another_worker_another_incarnation_and_for_an_unknown_lease()
    {
        await Desk.RegisterAsync("w1");
        await Desk.RegisterAsync("w2");
        var lease = await Desk.OfferedAsync("j", "w1");
        Assert.Contains("belongs to worker w1", (await Desk.ConfirmAsync("w2", lease)).Why, StringComparison.Ordinal);
        Assert.False((await Desk.ConfirmAsync("w1", lease, incarnation: 2)).Accepted);
        Assert.Contains("unknown", (await Desk.ConfirmAsync("w1", new("nothing"))).Why, StringComparison.Ordinal);
        Assert.Equal(LeaseState.Offered, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task Returned_with_an_outcome_frees_the_room_at_once()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.RenewAsync("w1", lease);
        await Desk.ReturnAsync("w1", lease, code: 3);
        var row = await Desk.RowAsync("j");
        Assert.Equal(LeaseState.Returned, row.State);
        Assert.Equal(3, row.Outcome!.Outcome.Code);
        Assert.Equal(1, await Desk.FreeSlotsAsync("w1"));
    }

    [Fact]
    public async Task The_asker_returns_only_what_is_still_offered()
    {
        await Desk.RegisterAsync("w1");
        var offered = await Desk.OfferedAsync("a", "w1");
        await Desk.AskAsync(Desk.Ask("a") with { GiveBack = offered });
        Assert.Equal(LeaseState.Returned, (await Desk.RowAsync("a")).State);
        var held = await Desk.HeldAsync("b", "w1");
        var outcome = await Desk.AskAsync(Desk.Ask("b", attempt: 2) with { GiveBack = held });
        Assert.Equal(LeaseState.Held, outcome.Row!.State);
        Assert.Equal(1, outcome.Row.Attempt);
    }

    [Fact]
    public async Task A_return_by_another_worker_changes_nothing()
    {
        await Desk.RegisterAsync("w1");
        await Desk.RegisterAsync("w2");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.ReturnAsync("w2", lease, code: 0);
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task The_first_return_counts_and_a_repeat_is_harmless()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.ReturnAsync("w1", lease, code: 3);
        await Desk.ReturnAsync("w1", lease, code: 4);
        Assert.Equal(3, (await Desk.RowAsync("j")).Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task Expired_is_entered_when_renewals_are_missing_for_the_leases_length()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(6.5);
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("j")).State);
        await Desk.PassAsync(1);
        Assert.Equal(LeaseState.Expired, (await Desk.RowAsync("j")).State);
        Assert.Equal(WorkerState.Lost, (await Desk.Registry.FindWorkerAsync(new("w1"), None))!.Row.State);
        Assert.False((await Desk.AskAsync(Desk.Ask("j"))).Row!.Queued);
        Assert.NotEqual(default, lease);
    }

    [Fact]
    public async Task A_lease_that_is_renewed_lives()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(60, () => Desk.RenewAsync("w1", lease));
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task An_expired_lease_that_is_still_current_is_revived_by_confirm()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(8);
        Assert.Equal(LeaseStanding.Expired, (await Desk.RenewAsync("w1", lease)).Leases.Single().Standing);
        Assert.True((await Desk.ConfirmAsync("w1", lease)).Accepted);
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task An_expired_lease_returns_its_outcome()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(8);
        await Desk.ReturnAsync("w1", lease, code: 5);
        Assert.Equal(5, (await Desk.RowAsync("j")).Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task A_revival_is_refused_where_the_room_was_sold_meanwhile()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        var old = await Desk.HeldAsync("a", "w1");
        await Desk.PassAsync(8);
        await Desk.RenewAsync("w1");
        await Desk.OfferedAsync("b", "w1");
        Assert.Contains("was sold since", (await Desk.ConfirmAsync("w1", old)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_superseded_lease_cannot_revive_and_is_not_the_workers_any_more()
    {
        await Desk.RegisterAsync("w1");
        await Desk.RegisterAsync("w2");
        var old = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(8, () => Desk.RenewAsync("w2"));
        var outcome = await Desk.AskAsync(Desk.Ask("j", attempt: 2));
        Assert.Equal((LeaseState.Waiting, 2), (outcome.Row!.State, outcome.Row.Attempt));
        Assert.Contains("superseded", (await Desk.ConfirmAsync("w1", old)).Why, StringComparison.Ordinal);
        Assert.Equal(LeaseStanding.NotYours, (await Desk.RenewAsync("w1", old)).Leases.Single().Standing);
        await Desk.ReturnAsync("w1", old, code: 0);
        Assert.Equal(LeaseState.Waiting, (await Desk.RowAsync("j")).State);
        var next = await Desk.OfferAsync("j", "w2");
        Assert.Equal(2, next.Row!.Grant!.Fence);
    }

    [Fact]
    public async Task A_job_has_at_most_one_live_lease()
    {
        await Desk.RegisterAsync("w1");
        await Desk.OfferedAsync("j", "w1");
        Assert.Equal(OfferKind.JobChanged, (await Desk.OfferAsync("j", "w1")).Kind);
    }

    [Fact]
    public async Task An_offer_routed_for_an_older_ask_is_not_made()
    {
        await Desk.RegisterAsync("w1");
        var first = await Desk.AskAsync(Desk.Ask("j"));
        await Desk.AskAsync(Desk.Ask("j") with { Priority = 90 });
        var offer = new OfferStatement
        {
            Job = first.Row!.Job,
            Conversation = first.Row.Conversation,
            Revision = first.Row.Revision,
            Worker = new("w1"),
            Incarnation = 1,
            Router = "test@1",
            Profile = Dispatch.Contracts.TimeProfile.Fast,
        };
        Assert.Equal(OfferKind.JobChanged, (await Desk.Registry.OfferAsync(offer, None)).Kind);
    }

    [Fact]
    public async Task Settling_leaves_the_queue_returns_an_offer_and_leaves_what_is_held()
    {
        await Desk.RegisterAsync("w1");
        await Desk.AskAsync(Desk.Ask("a"));
        await Desk.OfferedAsync("b", "w1");
        await Desk.HeldAsync("c", "w1");
        foreach (var job in new[] { "a", "b", "c" }) await Desk.SettleAsync(job);
        Assert.Equal(LeaseState.Returned, (await Desk.RowAsync("a")).State);
        Assert.Equal(LeaseState.Returned, (await Desk.RowAsync("b")).State);
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("c")).State);
        Assert.Equal(3, await Desk.FreeSlotsAsync("w1"));
        Assert.Equal(0, (await Desk.Registry.CandidatesAsync("default", None)).Queued);
    }

    [Fact]
    public async Task A_settlement_that_a_later_ask_overtook_changes_nothing()
    {
        await Desk.AskAsync(Desk.Ask("j", ask: 7));
        await Desk.SettleAsync("j", ask: 6);
        Assert.Null((await Desk.RowAsync("j")).SettledAt);
    }

    [Fact]
    public async Task Fences_grow_over_attempts_conversations_and_forgotten_rows()
    {
        var small = await NewDeskAsync(new RegistryOptions { SettledRowsMax = 0 });
        await small.RegisterAsync("w1");
        var lease = await small.HeldAsync("j", "w1");
        await small.ReturnAsync("w1", lease, code: 0);
        await small.SettleAsync("j");
        Assert.Equal(1, await small.Registry.PurgeAsync(None));
        Assert.Null(await small.Registry.FindJobAsync(new("j"), None));
        await small.AskAsync(small.Ask("j", conversation: "c2"));
        Assert.Equal(2, (await small.OfferAsync("j", "w1")).Row!.Grant!.Fence);
    }
}
