using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Workers;

namespace Registry.Suite;

public abstract class WorkerSuite(IRegistryMaker maker) : RegistrySuite(maker)
{
    [Fact]
    public async Task The_newest_incarnation_wins_and_the_old_one_is_told_so()
    {
        Assert.Equal(1, (await Desk.RegisterAsync("w1", start: "one")).Incarnation);
        Assert.Equal(1, (await Desk.RegisterAsync("w1", start: "one")).Incarnation);
        Assert.Equal(2, (await Desk.RegisterAsync("w1", start: "two")).Incarnation);
        var old = await Desk.RenewAsync("w1", 1, null, LeaseActivity.Running);
        Assert.False(old.Accepted);
        Assert.False(old.RegisterAgain);
        Assert.Equal(8, (await Desk.RegisterAsync("w1", start: "three", last: 7)).Incarnation);
    }

    [Fact]
    public async Task A_worker_the_registry_does_not_know_is_told_to_register_again()
    {
        await Desk.RegisterAsync("w1");
        Assert.True((await Desk.Registry.RenewAsync(new WorkerRenewal { Worker = new("w2"), Incarnation = 1, Call = 1, Has = [] }, None)).RegisterAgain);
        Assert.True((await Desk.RenewAsync("w1", 5, null, LeaseActivity.Running)).RegisterAgain);
    }

    [Fact]
    public async Task A_pool_that_is_not_configured_is_refused_with_those_that_are()
    {
        var error = await Assert.ThrowsAsync<DispatchException>(() => Desk.Registry.RegisterAsync(
            new WorkerRegistration
            {
                Worker = new("w1"),
                StartId = "s",
                Host = new WorkerHost("m", "b", "d", new Dictionary<string, string>()),
                Version = "1",
                Pool = "gpu",
                Capacity = new WorkerCapacity(),
                Runtimes = [],
            },
            None));
        Assert.Contains("default, slow", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restarted_worker_adopts_what_it_restates_of_its_own_host()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        var registered = await Desk.RegisterAsync("w1", start: "two", has: lease);
        Assert.Equal(LeaseStanding.Held, registered.Leases.Single().Standing);
        await Desk.PassAsync(30, () => Desk.RenewAsync("w1", 2, null, LeaseActivity.Running, lease));
        Assert.Equal(LeaseState.Held, (await Desk.RowAsync("j")).State);
        await Desk.ReturnAsync("w1", lease, code: 0, incarnation: 2);
        Assert.Equal(LeaseState.Returned, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task Another_boot_is_another_host_and_does_not_adopt()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        var registered = await Desk.RegisterAsync("w1", boot: "boot-2", start: "two", has: lease);
        Assert.Equal(LeaseStanding.NotYours, registered.Leases.Single().Standing);
        await Desk.PassAsync(8, () => Desk.RenewAsync("w1", 2, null, LeaseActivity.Running));
        Assert.Equal(LeaseState.Expired, (await Desk.RowAsync("j")).State);
        Assert.Equal(WorkerState.Ready, (await Desk.Registry.FindWorkerAsync(new("w1"), None))!.Row.State);
    }

    [Fact]
    public async Task A_held_lease_that_a_restart_did_not_restate_is_named_to_the_worker_and_expires_unless_returned()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.RegisterAsync("w1", start: "two");
        Assert.Equal([lease], (await Desk.RenewAsync("w1", 2, null, LeaseActivity.Running)).Unnamed);
        await Desk.PassAsync(8, () => Desk.RenewAsync("w1", 2, null, LeaseActivity.Running));
        Assert.Equal(LeaseState.Expired, (await Desk.RowAsync("j")).State);
    }

    [Fact]
    public async Task An_offer_to_an_older_incarnation_ends_with_the_next_registration()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        await Desk.OfferedAsync("j", "w1");
        await Desk.RegisterAsync("w1", slots: 1, start: "two");
        Assert.Equal(LeaseState.Returned, (await Desk.RowAsync("j")).State);
        Assert.Equal(1, await Desk.FreeSlotsAsync("w1"));
    }

    [Fact]
    public async Task Half_a_lease_of_silence_stops_new_work_and_a_renewal_lets_it_in_again()
    {
        await Desk.RegisterAsync("w1");
        await Desk.AskAsync(Desk.Ask("j"));
        await Desk.PassAsync(4);
        Assert.True((await Desk.ViewAsync("w1")).Silent);
        Assert.Equal(OfferKind.NoRoom, (await Desk.OfferAsync("j", "w1")).Kind);
        await Desk.RenewAsync("w1");
        Assert.Equal(OfferKind.Offered, (await Desk.OfferAsync("j", "w1")).Kind);
    }

    [Fact]
    public async Task A_lost_workers_room_is_sold_again_only_when_it_is_back_and_has_said_what_it_has()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        var lease = await Desk.HeldAsync("a", "w1");
        await Desk.PassAsync(8);
        await Desk.AskAsync(Desk.Ask("b"));
        Assert.Equal(OfferKind.NoRoom, (await Desk.OfferAsync("b", "w1")).Kind);
        await Desk.RenewAsync("w1", lease);
        Assert.Equal(OfferKind.NoRoom, (await Desk.OfferAsync("b", "w1")).Kind);
        await Desk.RenewAsync("w1");
        Assert.Equal(OfferKind.Offered, (await Desk.OfferAsync("b", "w1")).Kind);
    }

    [Fact]
    public async Task A_lease_in_doubt_keeps_its_room_and_is_neither_taken_over_nor_renewed()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        var lease = await Desk.HeldAsync("a", "w1");
        await Desk.RegisterAsync("w1", slots: 1, start: "two");
        Task<RenewalAnswer> Doubted() => Desk.RenewAsync("w1", 2, null, LeaseActivity.InDoubt, lease);
        Assert.Equal(LeaseStanding.Expired, (await Doubted()).Leases.Single().Standing);
        await Desk.PassAsync(8, Doubted);
        Assert.Equal(LeaseState.Expired, (await Desk.RowAsync("a")).State);

        await Desk.AskAsync(Desk.Ask("b"));
        Assert.Equal(OfferKind.NoRoom, (await Desk.OfferAsync("b", "w1", incarnation: 2)).Kind);
        await Desk.RenewAsync("w1", 2, null, LeaseActivity.InDoubt);
        Assert.Equal(OfferKind.Offered, (await Desk.OfferAsync("b", "w1", incarnation: 2)).Kind);
    }

    [Fact]
    public async Task A_lease_in_doubt_that_proves_to_run_is_taken_over()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("a", "w1");
        await Desk.RegisterAsync("w1", start: "two");
        await Desk.RenewAsync("w1", 2, null, LeaseActivity.InDoubt, lease);
        Assert.Equal(LeaseStanding.Held, (await Desk.RenewAsync("w1", 2, null, LeaseActivity.Running, lease)).Leases.Single().Standing);
    }

    [Theory]
    [InlineData("boot-1")]
    [InlineData("boot-2")]
    public async Task A_lease_in_doubt_is_told_to_be_over_where_it_is(string boot)
    {
        await Desk.RegisterAsync("w1", slots: 1);
        var lease = await Desk.HeldAsync("a", "w1");
        await Desk.RegisterAsync("w1", slots: 1, boot: boot, start: "two");
        if (boot == "boot-1")
            await Desk.ReturnAsync("w1", lease, incarnation: 2);
        Assert.Equal(LeaseStanding.NotYours, (await Desk.RenewAsync("w1", 2, null, LeaseActivity.InDoubt, lease)).Leases.Single().Standing);
    }

    [Fact]
    public async Task Wishes_keep_new_work_away_and_are_told_to_the_worker()
    {
        await Desk.RegisterAsync("w1");
        await Desk.AskAsync(Desk.Ask("j"));
        await Desk.Registry.WishAsync(new WishStatement(new("w1"), WorkerWish.Drain, "ops", "update"), None);
        Assert.Equal(WorkerState.Draining, (await Desk.RenewAsync("w1")).Wanted);
        Assert.Equal(OfferKind.NoRoom, (await Desk.OfferAsync("j", "w1")).Kind);
        await Desk.Registry.RenewAsync(new WorkerRenewal { Worker = new("w1"), Incarnation = 1, Call = 100, Has = [], State = WorkerState.Draining }, None);
        await Desk.Registry.WishAsync(new WishStatement(new("w1"), WorkerWish.None, "ops", "done"), None);
        var told = await Desk.Registry.RenewAsync(new WorkerRenewal { Worker = new("w1"), Incarnation = 1, Call = 101, Has = [], State = WorkerState.Draining }, None);
        Assert.Equal(WorkerState.Ready, told.Wanted);
        await Desk.RenewAsync("w1", 1, 102, LeaseActivity.Running);
        Assert.Equal(OfferKind.Offered, (await Desk.OfferAsync("j", "w1")).Kind);
        Assert.Null(await Desk.Registry.WishAsync(new WishStatement(new("nobody"), WorkerWish.Drain, "ops", "x"), None));
    }

    [Fact]
    public async Task A_quarantine_outlives_a_restart_and_a_drain_does_not()
    {
        await Desk.RegisterAsync("w1");
        await Desk.Registry.WishAsync(new WishStatement(new("w1"), WorkerWish.Quarantine, "ops", "disk"), None);
        await Desk.RegisterAsync("w1", start: "two");
        Assert.Equal(WorkerState.Quarantined, (await Desk.ViewAsync("w1")).State);
        await Desk.Registry.WishAsync(new WishStatement(new("w1"), WorkerWish.Drain, "ops", "update"), None);
        await Desk.RegisterAsync("w1", start: "three");
        Assert.Equal(WorkerState.Ready, (await Desk.ViewAsync("w1")).State);
    }

    [Fact]
    public async Task What_a_worker_says_of_its_leases_is_in_the_row()
    {
        await Desk.RegisterAsync("w1");
        var lease = await Desk.HeldAsync("j", "w1");
        await Desk.RenewAsync("w1", 1, null, LeaseActivity.Pulling, lease);
        Assert.Equal(LeaseActivity.Pulling, (await Desk.RowAsync("j")).Activity);
        Assert.Equal(lease, (await Desk.Registry.FindWorkerAsync(new("w1"), None))!.Leases.Single().Grant!.Lease);
    }

    [Fact]
    public async Task A_workflow_that_was_told_held_is_nudged_when_the_lease_ends_and_others_are_not()
    {
        await Desk.RegisterAsync("w1");
        var a = await Desk.HeldAsync("a", "w1");
        await Desk.HeldAsync("b", "w1");
        await Desk.HeldAsync("c", "w1");
        await Desk.AskAsync(Desk.Ask("a"));
        await Desk.AskAsync(Desk.Ask("b"));
        await Desk.ReturnAsync("w1", a, code: 0);
        Assert.Equal(["a"], Desk.Nudged);
        await Desk.PassAsync(8);
        Assert.Equal(["a", "b"], Desk.Nudged);
    }
}
