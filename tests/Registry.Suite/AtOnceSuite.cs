using Dispatch.Registry.Leases;

namespace Registry.Suite;

/// <summary>Asks that bring an offer: the two are one statement, and nothing else than an ask and then an offer.</summary>
public abstract class AtOnceSuite(IRegistryMaker maker) : RegistrySuite(maker)
{
    [Fact]
    public async Task A_newcomer_is_offered_by_its_ask_and_was_never_in_the_queue_for_others()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        var row = (await Desk.AskAtOnceAsync(Desk.Ask("j"), "w1")).Row!;
        Assert.Equal(LeaseState.Offered, row.State);
        Assert.Equal(1, row.Grant!.Fence);
        Assert.Equal(0, await Desk.FreeSlotsAsync("w1"));
        Assert.Equal(0, (await Desk.Registry.CandidatesAsync("default", None)).Queued);
        Assert.Empty(await Desk.Registry.HeadsAsync("default", 1, None));
        Assert.Empty(Desk.Nudged);
        Assert.Equal(row, await Desk.RowAsync("j"));
        Assert.True((await Desk.ConfirmAsync("w1", row.Grant.Lease)).Accepted);
    }

    [Fact]
    public async Task Without_the_room_it_waits_in_the_queue_as_after_any_ask()
    {
        await Desk.RegisterAsync("w1", slots: 1);
        await Desk.OfferedAsync("first", "w1");
        var row = (await Desk.AskAtOnceAsync(Desk.Ask("j"), "w1")).Row!;
        Assert.True(row.Queued);
        Assert.True(row.NudgeWanted);
        Assert.Equal("j", Assert.Single(await Desk.Registry.HeadsAsync("default", 1, None)).Heads.Single().Job.Value);
        Assert.Equal(1, (await Desk.Registry.CandidatesAsync("default", None)).Queued);
    }

    [Fact]
    public async Task To_a_worker_that_is_unknown_or_another_incarnation_nothing_is_offered()
    {
        await Desk.RegisterAsync("w1");
        Assert.True((await Desk.AskAtOnceAsync(Desk.Ask("a"), "w1", incarnation: 2)).Row!.Queued);
        Assert.True((await Desk.AskAtOnceAsync(Desk.Ask("b"), "nobody")).Row!.Queued);
    }

    [Fact]
    public async Task A_repeat_finds_the_offer_and_makes_no_second_one()
    {
        await Desk.RegisterAsync("w1");
        await Desk.RegisterAsync("w2");
        var ask = Desk.Ask("j");
        var first = (await Desk.AskAtOnceAsync(ask, "w1")).Row!;
        var again = (await Desk.AskAtOnceAsync(ask, "w2")).Row!;
        Assert.Equal(first.Grant, again.Grant);
        Assert.Equal(4, await Desk.FreeSlotsAsync("w2"));
    }

    [Fact]
    public async Task A_job_that_is_paused_blocked_or_settled_is_not_offered()
    {
        await Desk.RegisterAsync("w1");
        Assert.Equal(LeaseState.Waiting, (await Desk.AskAtOnceAsync(Desk.Ask("paused") with { Paused = true }, "w1")).Row!.State);
        await Desk.HeldAsync("held", "w1");
        await Desk.Registry.AdoptRunAsync(new(new("held"), new("c2"), "c2", "c1"), None);
        var blocked = (await Desk.AskAtOnceAsync(Desk.Ask("held", conversation: "c2"), "w1")).Row!;
        Assert.Equal(LeaseState.Waiting, blocked.State);
        Assert.NotNull(blocked.BlockedBy);
        await Desk.AskAsync(Desk.Ask("over"));
        await Desk.SettleAsync("over");
        Assert.Equal(LeaseState.Returned, (await Desk.AskAtOnceAsync(Desk.Ask("over"), "w1")).Row!.State);
        Assert.Equal(3, await Desk.FreeSlotsAsync("w1"));
    }

    [Fact]
    public async Task Many_at_once_take_the_room_there_is_and_the_others_wait()
    {
        await Desk.RegisterAsync("w1", slots: 3);
        var asks = Enumerable.Range(0, 20).Select(number => Desk.Ask($"j{number}")).ToArray();
        var outcomes = await Task.WhenAll(asks.Select(ask => Desk.AskAtOnceAsync(ask, "w1")));
        Assert.Equal(3, outcomes.Count(one => one.Row!.State == LeaseState.Offered));
        Assert.Equal(17, (await Desk.Registry.CandidatesAsync("default", None)).Queued);
        Assert.Equal(0, await Desk.FreeSlotsAsync("w1"));
    }
}
