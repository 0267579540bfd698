using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Leases;

namespace Registry.Suite;

/// <summary>What broke simpler rules, as far as the registry decides it.</summary>
public abstract class SimplerRulesSuite(IRegistryMaker maker) : RegistrySuite(maker)
{
    [Fact]
    public async Task An_outcome_the_asker_has_not_seen_is_the_answer_and_is_not_superseded()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(8);
        await Desk.ReturnAsync("w1", lease, code: 9);
        var late = await Desk.AskAsync(Desk.Ask("j", attempt: 2));
        Assert.Equal((LeaseState.Returned, 1, 9), (late.Row!.State, late.Row.Attempt, late.Row.Outcome!.Outcome.Code!.Value));
        var seen = await Desk.AskAsync(Desk.Ask("j", attempt: 2) with { SeenReturned = lease });
        Assert.Equal((LeaseState.Waiting, 2), (seen.Row!.State, seen.Row.Attempt));
    }

    [Fact]
    public async Task A_return_without_outcome_that_the_asker_has_not_seen_is_told_before_it_is_superseded()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.ReturnAsync("w1", lease);
        Assert.Equal(LeaseState.Returned, (await Desk.AskAsync(Desk.Ask("j", attempt: 2))).Row!.State);
        Assert.Equal(LeaseState.Waiting, (await Desk.AskAsync(Desk.Ask("j", attempt: 2) with { SeenReturned = lease })).Row!.State);
    }

    [Fact]
    public async Task The_final_ask_ends_an_expired_attempt_for_ever()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(8);
        var final = await Desk.AskAsync(Desk.Ask("j") with { Final = true });
        Assert.Equal(LeaseState.Expired, final.Row!.State);
        Assert.False((await Desk.ConfirmAsync("w1", lease)).Accepted);
        await Desk.ReturnAsync("w1", lease, code: 0);
        Assert.Null((await Desk.RowAsync("j")).Outcome);
        Assert.Equal(LeaseStanding.NotYours, (await Desk.RenewAsync("w1", lease)).Leases.Single().Standing);
    }

    [Fact]
    public async Task The_final_ask_finds_an_outcome_that_came_before_it()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(8);
        await Desk.ReturnAsync("w1", lease, code: 4);
        Assert.Equal(4, (await Desk.AskAsync(Desk.Ask("j") with { Final = true })).Row!.Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task The_final_ask_takes_an_offer_back_leaves_the_queue_and_leaves_what_is_held()
    {
        await Desk.RegisterAsync("w1");
        var offered = await Desk.OfferedAsync("a", "w1");
        Assert.Equal(LeaseState.Returned, (await Desk.AskAsync(Desk.Ask("a") with { Final = true })).Row!.State);
        Assert.False((await Desk.ConfirmAsync("w1", offered)).Accepted);
        await Desk.AskAsync(Desk.Ask("b"));
        Assert.False((await Desk.AskAsync(Desk.Ask("b") with { Final = true })).Row!.Queued);
        await Desk.HeldAsync("c", "w1");
        Assert.Equal(LeaseState.Held, (await Desk.AskAsync(Desk.Ask("c") with { Final = true })).Row!.State);
        Assert.Equal(LeaseState.Returned, (await Desk.AskAsync(Desk.Ask("d") with { Final = true })).Row!.State);
    }

    [Fact]
    public async Task A_renewals_answer_names_what_the_worker_holds_and_does_not_know()
    {
        await Desk.RegisterAsync("w1");
        var known = await Desk.HeldAsync("a", "w1");
        var unknown = await Desk.HeldAsync("b", "w1");
        var answer = await Desk.RenewAsync("w1", known);
        Assert.Equal([unknown], answer.Unnamed);
        await Desk.ReturnAsync("w1", unknown);
        Assert.Empty((await Desk.RenewAsync("w1", known)).Unnamed);
        Assert.Equal(LeaseState.Returned, (await Desk.RowAsync("b")).State);
    }

    [Fact]
    public async Task A_statement_that_was_overtaken_changes_nothing()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        var lease = await Desk.OfferedAsync("j", "w1");
        await Desk.ConfirmAsync("w1", lease, call: 10);
        await Desk.ReturnAsync("w1", lease, call: 9);
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("j")).State);
        var before = (await Desk.Registry.FindWorkerAsync(new("w1"), None))!.Row;
        var answer = await Desk.RenewAsync("w1", 1, call: 8, LeaseActivity.Running);
        Assert.True(answer.Accepted);
        Assert.Equal(before, (await Desk.Registry.FindWorkerAsync(new("w1"), None))!.Row);
        Assert.Equal(0, await Desk.FreeSlotsAsync("w1"));
    }

    [Fact]
    public async Task An_overtaken_confirm_of_an_offer_is_refused_and_of_a_held_lease_only_looked_up()
    {
        await Desk.RegisterAsync("w1");
        var offered = await Desk.OfferedAsync("a", "w1");
        var held = await Desk.OfferedAsync("b", "w1");
        await Desk.ConfirmAsync("w1", held, call: 10);
        Assert.Contains("overtaken", (await Desk.ConfirmAsync("w1", offered, call: 9)).Why, StringComparison.Ordinal);
        Assert.True((await Desk.ConfirmAsync("w1", held, call: 9)).Accepted);
    }

    [Fact]
    public async Task An_outcome_needs_no_number()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.RenewAsync("w1", 1, call: 50, LeaseActivity.Running, lease);
        await Desk.ReturnAsync("w1", lease, code: 2, call: LeaseReturn.Unnumbered);
        Assert.Equal(2, (await Desk.RowAsync("j")).Outcome!.Outcome.Code);
        Assert.Equal(50, (await Desk.Registry.FindWorkerAsync(new("w1"), None))!.Row.Call);
    }

    [Fact]
    public async Task A_superseded_lease_takes_room_while_it_is_named_and_no_longer()
    {
        await Desk.RegisterAsync("w1", slots: 2);
        await Desk.RegisterAsync("w2");
        var old = await Desk.HeldAsync("j", "w1");
        await Desk.PassAsync(8, () => Desk.RenewAsync("w2"));
        await Desk.AskAsync(Desk.Ask("j", attempt: 2));
        await Desk.OfferAsync("j", "w2");
        await Desk.RenewAsync("w1", old);
        Assert.Equal(1, await Desk.FreeSlotsAsync("w1"));
        await Desk.RenewAsync("w1", 1, null, LeaseActivity.Ended, old);
        Assert.Equal(2, await Desk.FreeSlotsAsync("w1"));
        await Desk.RenewAsync("w1", old);
        await Desk.RenewAsync("w1");
        Assert.Equal(2, await Desk.FreeSlotsAsync("w1"));
    }

    [Fact]
    public async Task A_lease_that_the_registry_knows_nothing_of_takes_the_whole_worker()
    {
        await Desk.RegisterAsync("w1", has: new Dispatch.Contracts.Ids.LeaseId("of-an-earlier-life"));
        await Desk.AskAsync(Desk.Ask("j"));
        Assert.Equal(OfferKind.NoRoom, (await Desk.OfferAsync("j", "w1")).Kind);
        await Desk.RenewAsync("w1");
        Assert.Equal(OfferKind.Offered, (await Desk.OfferAsync("j", "w1")).Kind);
    }

    [Fact]
    public async Task A_lower_ask_changes_nothing_and_finds_what_there_is()
    {
        await Desk.RegisterAsync("w1");
        await Desk.AskAsync(Desk.Ask("j", ask: 8));
        var lease = (await Desk.OfferAsync("j", "w1")).Row!.Grant!.Lease;
        var slow = await Desk.AskAsync(Desk.Ask("j", ask: 7) with { GiveBack = lease, Final = true });
        Assert.Equal(LeaseState.Offered, slow.Row!.State);
    }

    [Fact]
    public async Task Another_conversation_waits_until_the_old_lease_is_returned()
    {
        await Desk.RegisterAsync("w1");
        var old = await Desk.HeldAsync("j", "w1");
        await AdoptAsync("c2", "c1");
        Assert.Equal(old, (await Desk.AskAsync(Desk.Ask("j", conversation: "c2"))).Row!.BlockedBy);
        Assert.Equal(OfferKind.JobChanged, (await Desk.OfferAsync("j", "w1")).Kind);
        await Desk.PassAsync(60, () => Desk.RenewAsync("w1", old));
        Assert.NotNull((await Desk.RowAsync("j")).BlockedBy);
        await Desk.ReturnAsync("w1", old, code: 0);
        Assert.True((await Desk.RowAsync("j")).Queued);
        Assert.Contains(Desk.Changes, change => change.Kind == RegistryChangeKind.JobUnblocked);
    }

    [Fact]
    public async Task Another_conversation_waits_one_heartbeat_time_out_after_its_first_ask_and_the_leases_expiry()
    {
        await Desk.RegisterAsync("w1");
        await Desk.RegisterAsync("w2");
        var old = await Desk.HeldAsync("j", "w1");
        await AdoptAsync("c2", "c1");
        await Desk.AskAsync(Desk.Ask("j", conversation: "c2"));
        await Desk.PassAsync(7.5, () => Desk.RenewAsync("w2"));
        Assert.Equal(LeaseState.Expired, (await Desk.Registry.ListJobsAsync(new() { Settled = false }, None)).Rows.Single(row => row.Conversation.Value == "c1").State);
        await Desk.PassAsync(5.5, () => Desk.RenewAsync("w2"));
        Assert.False((await Desk.RowAsync("j")).Queued);
        await Desk.PassAsync(1, () => Desk.RenewAsync("w2"));
        Assert.True((await Desk.RowAsync("j")).Queued);
        Assert.Equal(OfferKind.Offered, (await Desk.OfferAsync("j", "w2")).Kind);
        Assert.False((await Desk.ConfirmAsync("w1", old)).Accepted);
    }

    [Fact]
    public async Task The_wait_begins_anew_when_the_old_lease_comes_to_life_again()
    {
        await Desk.RegisterAsync("w1");
        var old = await Desk.HeldAsync("j", "w1");
        await AdoptAsync("c2", "c1");
        await Desk.AskAsync(Desk.Ask("j", conversation: "c2"));
        await Desk.PassAsync(12);
        Assert.True((await Desk.ConfirmAsync("w1", old)).Accepted);
        await Desk.PassAsync(12);
        Assert.False((await Desk.RowAsync("j")).Queued);
        await Desk.PassAsync(2);
        Assert.True((await Desk.RowAsync("j")).Queued);
    }

    [Fact]
    public async Task What_an_earlier_conversation_left_in_the_queue_or_offered_ends_with_the_next_run()
    {
        await Desk.RegisterAsync("w1");
        var old = await Desk.OfferedAsync("j", "w1");
        await AdoptAsync("c2", "c1");
        Assert.True((await Desk.AskAsync(Desk.Ask("j", conversation: "c2"))).Row!.Queued);
        Assert.False((await Desk.ConfirmAsync("w1", old)).Accepted);
    }

    [Fact]
    public async Task A_run_the_row_does_not_know_is_not_heard_until_it_is_adopted_and_older_ones_are_refused_then()
    {
        await Desk.AskAsync(Desk.Ask("j", ask: 20));
        var reset = Desk.Ask("j", run: "r2", ask: 1);
        var unknown = await Desk.AskAsync(reset);
        Assert.Equal((AskKind.RunUnknown, "c1"), (unknown.Kind, unknown.CurrentRun));
        await AdoptAsync("c1", "c1", run: "r2");
        Assert.Equal(AskKind.Row, (await Desk.AskAsync(reset)).Kind);
        Assert.Equal(AskKind.StaleRun, (await Desk.AskAsync(Desk.Ask("j", ask: 21))).Kind);
        Assert.False(await Desk.Registry.AdoptRunAsync(new(new("j"), new("c1"), "r3", "c1"), None));
    }

    [Fact]
    public async Task After_a_reset_an_expired_lease_of_the_earlier_run_counts_as_held_for_one_heartbeat_time_out()
    {
        await Desk.RegisterAsync("w1");
        await Desk.RegisterAsync("w2");
        var old = await Desk.HeldAsync("j", "w1");
        await AdoptAsync("c1", "c1", run: "r2");
        await Desk.PassAsync(7.5, () => Desk.RenewAsync("w2"));
        var early = (await Desk.AskAsync(Desk.Ask("j", run: "r2", attempt: 2))).Row!;
        Assert.Equal((LeaseState.Expired, 1, true), (early.State, early.Attempt, early.StillInherited));
        var final = (await Desk.AskAsync(Desk.Ask("j", run: "r2", attempt: 1, ask: 2) with { Final = true })).Row!;
        Assert.True(final is { Ended: false, NudgeWanted: true });
        await Desk.PassAsync(6.5, () => Desk.RenewAsync("w2"));
        Assert.True((await Desk.RowAsync("j")).NudgeDue);
        Assert.True((await Desk.AskAsync(Desk.Ask("j", run: "r2", attempt: 2, ask: 3))).Row!.Queued);
        Assert.False((await Desk.ConfirmAsync("w1", old)).Accepted);
    }

    [Fact]
    public async Task After_a_reset_a_returned_lease_of_the_earlier_run_is_not_waited_for()
    {
        await Desk.RegisterAsync("w1");
        var old = await Desk.HeldAsync("j", "w1");
        await AdoptAsync("c1", "c1", run: "r2");
        Assert.Equal(LeaseState.Held, (await Desk.AskAsync(Desk.Ask("j", run: "r2"))).Row!.State);
        await Desk.ReturnAsync("w1", old);
        Assert.True((await Desk.AskAsync(Desk.Ask("j", run: "r2", attempt: 2, ask: 2) with { SeenReturned = old })).Row!.Queued);
    }

    [Fact]
    public async Task After_a_reset_an_ask_may_stand_before_the_row_and_finds_the_later_attempt()
    {
        await Desk.RegisterAsync("w1");
        var first = await Desk.HeldAsync("j", "w1");
        await Desk.ReturnAsync("w1", first);
        await Desk.AskAsync(Desk.Ask("j", attempt: 2) with { SeenReturned = first });
        var second = (await Desk.OfferAsync("j", "w1")).Row!.Grant!.Lease;
        await Desk.ConfirmAsync("w1", second);
        await Desk.ReturnAsync("w1", second, code: 6);
        await Desk.SettleAsync("j");
        await AdoptAsync("c1", "c1", run: "r2");
        var answer = await Desk.AskAsync(Desk.Ask("j", run: "r2", ask: 1));
        Assert.Equal((2, 6), (answer.Row!.Attempt, answer.Row.Outcome!.Outcome.Code!.Value));
    }

    [Fact]
    public async Task After_a_reset_a_row_that_was_settled_while_it_waited_is_queued_again()
    {
        await Desk.AskAsync(Desk.Ask("j"));
        await Desk.SettleAsync("j");
        await AdoptAsync("c1", "c1", run: "r2");
        Assert.True((await Desk.AskAsync(Desk.Ask("j", run: "r2", ask: 1))).Row!.Queued);
    }

    private async Task AdoptAsync(string conversation, string expected, string? run = null) =>
        Assert.True(await Desk.Registry.AdoptRunAsync(new RunAdoption(new("j"), new(conversation), run ?? conversation, expected), None));
}
