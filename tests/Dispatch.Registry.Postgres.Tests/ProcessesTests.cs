using System.Collections.Concurrent;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Reading;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>Several registries on one database, as several processes have.</summary>
[Collection(OnServer.Name)]
public sealed class ProcessesTests(OneServer one) : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly OnPostgres maker = new(one);
    private string database = "";
    private Desk first = null!;
    private Desk second = null!;

    public async Task InitializeAsync()
    {
        database = await one.NewDatabaseAsync();
        first = await Desk.OpenAsync(new Prefixed(maker, database, "a"));
        second = await Desk.OpenAsync(new Prefixed(maker, database, "b"));
    }

    public async Task DisposeAsync() => await maker.DisposeAsync();

    [Fact]
    public async Task What_one_process_writes_the_others_see_and_are_told_of()
    {
        var told = new ConcurrentQueue<RegistryChange>();
        using var subscription = second.Registry.Subscribe(told.Enqueue);
        await first.RegisterAsync("w1", slots: 1);
        await UntilAsync(() => told.Any(change => change is { Kind: RegistryChangeKind.WorkerChanged, Worker.Value: "w1" }));
        Assert.Equal(1, (await second.ViewAsync("w1")).Free.Slots);
        var lease = await first.HeldAsync("j", "w1");
        await UntilAsync(() => told.Any(change => change is { Kind: RegistryChangeKind.JobChanged, Job.Value: "j", Worker: not null }));
        await UntilAsync(async () => (await second.ViewAsync("w1")).Free.Slots == 0);
        Assert.Equal(LeaseState.Held, (await second.RowAsync("j")).State);
        await first.AskAsync(first.Ask("j"));
        told.Clear();
        await second.ReturnAsync("w1", lease, code: 0, call: 100);
        await UntilAsync(() => first.Changes.Any(change => change is { Kind: RegistryChangeKind.NudgeDue, Job.Value: "j" }));
        await UntilAsync(async () => (await first.ViewAsync("w1")).Free.Slots == 1);
    }

    [Fact]
    public async Task The_length_of_a_queue_is_known_in_every_process()
    {
        await first.AskAsync(first.Ask("a"));
        await second.AskAsync(second.Ask("b"));
        foreach (var desk in new[] { first, second })
        {
            await UntilAsync(async () => (await desk.Registry.CandidatesAsync("default", Desk.None)).Queued == 2);
            Assert.Equal(2, (await desk.Registry.HeadsAsync("default", 5, Desk.None)).Single().Heads.Count);
        }
    }

    [Fact]
    public async Task Many_processes_that_offer_at_once_never_sell_more_than_there_is_nor_one_job_twice()
    {
        await first.RegisterAsync("w1", slots: 10);
        await first.RegisterAsync("w2", slots: 10);
        for (var i = 0; i < 40; i++) await first.AskAsync(first.Ask($"j{i}"));
        var offers = Enumerable.Range(0, 40).SelectMany(number => new[] { (first, number), (second, number) })
            .Select(pair => Task.Run(() => pair.Item1.OfferAsync($"j{pair.number}", pair.number % 2 == 0 ? "w1" : "w2")));
        var outcomes = await Task.WhenAll(offers);
        Assert.Equal(8, outcomes.Count(outcome => outcome.Kind == OfferKind.Offered));
        var rows = (await first.Registry.ListJobsAsync(new JobRowQuery { Limit = 1000, States = [LeaseState.Offered] }, Desk.None)).Rows;
        Assert.Equal(4, rows.Count(row => row.Grant!.Worker.Value == "w1"));
        Assert.Equal(4, rows.Count(row => row.Grant!.Worker.Value == "w2"));
        Assert.Equal(8, rows.Select(row => row.Job).Distinct().Count());
    }

    [Fact]
    public async Task Two_processes_that_fill_a_queue_at_once_stop_at_its_limit()
    {
        const int limit = 25;
        var pools = new PoolSet([new PoolOptions { WaitingMax = limit }]);
        var own = await one.NewDatabaseAsync();
        var desks = await Task.WhenAll(Enumerable.Range(0, 3).Select(number => Desk.OpenAsync(new Prefixed(maker, own, $"{number}", pools))));
        var asks = Enumerable.Range(0, 90).Select(number => Task.Run(() => desks[number % 3].AskAsync(desks[number % 3].Ask($"j{number}"))));
        var outcomes = await Task.WhenAll(asks);
        Assert.Equal(limit, outcomes.Count(outcome => outcome.Kind == AskKind.Row));
        Assert.Equal(90 - limit, outcomes.Count(outcome => outcome.Kind == AskKind.QueueFull));
        Assert.Equal(limit, (await desks[0].Registry.ListJobsAsync(new JobRowQuery { Limit = 1000 }, Desk.None)).Rows.Count);
    }

    [Fact]
    public async Task A_job_that_two_processes_ask_for_at_once_has_one_row()
    {
        var asks = Enumerable.Range(0, 20).SelectMany(number => new[] { first, second }.Select(desk => Task.Run(() => desk.AskAsync(desk.Ask($"j{number}", ask: 1)))));
        Assert.All(await Task.WhenAll(asks), outcome => Assert.True(outcome.Row!.Queued));
        Assert.Equal(20, (await first.Registry.ListJobsAsync(new JobRowQuery { Limit = 1000 }, Desk.None)).Rows.Count);
    }

    [Fact]
    public async Task A_restarted_registry_has_everything()
    {
        await first.RegisterAsync("w1");
        var lease = await first.HeldAsync("j", "w1");
        var third = await Desk.OpenAsync(new Prefixed(maker, database, "c"));
        Assert.True((await third.RenewAsync("w1", 1, 100, Contracts.Workers.LeaseActivity.Running, lease)).Accepted);
        await third.ReturnAsync("w1", lease, code: 7, call: 101);
        Assert.Equal(7, (await first.RowAsync("j")).Outcome!.Outcome.Code);
    }

    [Fact]
    public async Task A_duty_is_one_processs_until_that_process_is_gone()
    {
        var one = (PostgresRegistry)first.Registry;
        var other = (PostgresRegistry)second.Registry;
        Assert.True(await one.IsOursAsync("expirer", Desk.None));
        Assert.True(await one.IsOursAsync("expirer", Desk.None));
        Assert.False(await other.IsOursAsync("expirer", Desk.None));
        Assert.True(await other.IsOursAsync("sweeper", Desk.None));
        await one.DisposeAsync();
        await UntilAsync(async () => await other.IsOursAsync("expirer", Desk.None));
    }

    [Fact]
    public async Task A_nudge_is_claimed_once_and_again_only_after_the_workflow_has_asked()
    {
        await first.RegisterAsync("w1");
        var lease = await first.HeldAsync("j", "w1");
        Assert.False(await second.Registry.ClaimNudgeAsync(new("j"), "c1", Desk.None));
        await first.AskAsync(first.Ask("j"));
        await first.ReturnAsync("w1", lease, code: 0);
        var claims = await Task.WhenAll(new[] { first, second, first, second }.Select(desk => desk.Registry.ClaimNudgeAsync(new("j"), "c1", Desk.None)));
        Assert.Single(claims, claim => claim);
        await first.AskAsync(first.Ask("j", attempt: 2) with { SeenReturned = lease });
        Assert.False(await first.Registry.ClaimNudgeAsync(new("j"), "c1", Desk.None));
        Assert.Equal(OfferKind.Offered, (await second.OfferAsync("j", "w1", nudge: true)).Kind);
        Assert.True(await first.Registry.ClaimNudgeAsync(new("j"), "c1", Desk.None));
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await holds()) await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
    }

    private sealed class Prefixed(OnPostgres maker, string database, string prefix, PoolSet? own = null) : IRegistryMaker
    {
        public async Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId> newLease) =>
            await maker.OpenAsync(database, own ?? pools, options, time, () => new LeaseId($"{prefix}-{newLease()}"));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
