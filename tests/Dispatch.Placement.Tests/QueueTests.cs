using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Registry.Leases;
using Dispatch.Routing;

namespace Dispatch.Placement.Tests;

public sealed class QueueTests
{
    private readonly World world = new();

    [Fact]
    public async Task G43_a_job_that_fits_nowhere_does_not_block_those_that_fit_and_says_why_it_waits()
    {
        await world.StartAsync("w1", cpu: 4);
        Assert.Equal(PlaceAnswerKind.Waiting, (await world.PlaceAsync("big", cpu: "64", priority: 100)).Kind);
        for (var i = 0; i < 20; i++)
        {
            var offered = await world.PlaceAsync($"small-{i}", priority: 0);
            Assert.Equal(PlaceAnswerKind.Offered, offered.Kind);
            await world.ConfirmAsync("w1", offered.Lease!.Value);
            await world.ReturnAsync("w1", offered.Lease.Value, World.Report(offered.Lease.Value));
        }

        var why = await world.Placer.ExplainNowAsync(new JobId("big"), World.None);
        Assert.Contains("nearest is w1, refused by capacity: cpu: needs 64, has 4 in all, 60 missing", why!.Summary, StringComparison.Ordinal);
        Assert.Equal("capacity", why.Explanation!.Candidates.Single().RefusedBy);
        Assert.Equal(LeaseState.Waiting, (await world.RowAsync("big")).State);
    }

    [Fact]
    public async Task Jobs_are_placed_by_priority_then_age()
    {
        await world.StartAsync("w1", cpu: 1);
        var running = await world.PlaceAsync("running");
        await WaitAsync("old");
        await WaitAsync("young");
        await WaitAsync("urgent", priority: 90);
        await WaitAsync("idle", priority: 10);
        Assert.Equal(["urgent", "old", "young", "idle"], await DrainAsync(running.Lease!.Value, 4));
    }

    [Fact]
    public async Task A_newcomer_does_not_overtake_who_waits_and_ranks_before_and_could_use_the_room()
    {
        await world.StartAsync("w1", cpu: 2);
        var running = await world.PlaceAsync("running", cpu: "2");
        await WaitAsync("waits", cpu: "2");
        await world.ReturnAsync("w1", running.Lease!.Value);
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        var newcomer = await world.PlaceAsync("newcomer", cpu: "1");
        Assert.Equal(PlaceAnswerKind.Waiting, newcomer.Kind);
        Assert.Equal(LeaseState.Offered, (await world.RowAsync("waits")).State);
        Assert.Equal(["waits"], world.Nudged);
    }

    [Fact]
    public async Task A_newcomer_of_higher_priority_goes_first()
    {
        await world.StartAsync("w1", cpu: 2);
        var running = await world.PlaceAsync("running", cpu: "2");
        await WaitAsync("waits", cpu: "2");
        await world.ReturnAsync("w1", running.Lease!.Value);
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("urgent", cpu: "2", priority: 80)).Kind);
        Assert.Equal(LeaseState.Waiting, (await world.RowAsync("waits")).State);
    }

    [Fact]
    public async Task A_newcomer_takes_room_that_nobody_before_it_could_use()
    {
        await world.StartAsync("w1", cpu: 4);
        await world.PlaceAsync("running", cpu: "2");
        await WaitAsync("needs-three", cpu: "3");
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("newcomer", cpu: "2")).Kind);
    }

    [Fact]
    public async Task A_job_that_asks_again_while_the_queue_places_it_is_answered_and_not_nudged()
    {
        await WaitAsync("j");
        await world.StartAsync("w1");
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("j")).Kind);
        Assert.Empty(world.Nudged);
    }

    [Fact]
    public async Task A_new_priority_takes_force_with_the_next_ask()
    {
        await world.StartAsync("w1", cpu: 1);
        var running = await world.PlaceAsync("running");
        await WaitAsync("a");
        await WaitAsync("b");
        Assert.Equal(PlaceAnswerKind.Waiting, (await world.PlaceAsync("b", priority: 60)).Kind);
        Assert.Equal(["b", "a"], await DrainAsync(running.Lease!.Value, 2));
    }

    [Fact]
    public async Task A_head_that_has_waited_long_keeps_the_worker_free_where_it_will_fit_first()
    {
        await world.StartAsync("w1", cpu: 4);
        await world.StartAsync("w2", cpu: 4);
        var leases = new Dictionary<string, LeaseId>();
        foreach (var job in new[] { "a", "b", "c" }) leases[job] = (await HoldAsync(job, cpu: "2")).Lease;
        await WaitAsync("big", cpu: "4");
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await world.TurnAsync();
        var small = await world.PlaceAsync("small", cpu: "2");
        Assert.Equal(PlaceAnswerKind.Waiting, small.Kind);
        Assert.Contains(small.Explanation!.Candidates, one => one.Reason == "kept free for big, which has waited 5 min");
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("urgent", cpu: "2", priority: 90)).Kind);
    }

    [Fact]
    public async Task A_reservation_ends_with_its_holder_and_what_it_kept_out_is_placed()
    {
        await world.StartAsync("w1", cpu: 4);
        await HoldAsync("a", cpu: "2");
        await WaitAsync("big", cpu: "4");
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await world.TurnAsync();
        await WaitAsync("small", cpu: "2");
        await world.Placer.SettleAsync(new Settlement { Job = new("big"), Conversation = new("big-c1"), RunId = "big-c1", Ask = 99 }, World.None);
        Assert.Equal(1, await world.TurnAsync());
        Assert.Equal(LeaseState.Offered, (await world.RowAsync("small")).State);
    }

    [Fact]
    public async Task A_job_that_fits_no_worker_reserves_none()
    {
        await world.StartAsync("w1", cpu: 4);
        await WaitAsync("never", cpu: "64");
        world.Time.Advance(TimeSpan.FromMinutes(6));
        await world.TurnAsync();
        Assert.Equal(PlaceAnswerKind.Offered, (await world.PlaceAsync("small", cpu: "4")).Kind);
    }

    [Fact]
    public async Task Many_jobs_of_one_shape_are_placed_in_one_turn()
    {
        for (var i = 0; i < 100; i++) await WaitAsync($"j{i:000}");
        await world.StartAsync("w1", cpu: 60, slots: 100);
        Assert.Equal(60, await world.TurnAsync());
        Assert.Equal(40, (await world.Registry.CandidatesAsync("default", World.None)).Queued);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"j{i:000}"), world.Nudged);
    }

    [Fact]
    public async Task A_full_queue_refuses_newcomers_by_name()
    {
        var small = new World([World.Pool() with { WaitingMax = 2 }]);
        await small.PlaceAsync("a");
        await small.PlaceAsync("b");
        Assert.Equal(Contracts.Errors.ErrorCode.MaxConcurrentJobs, (await small.PlaceAsync("c")).Error);
        Assert.Equal(PlaceAnswerKind.Waiting, (await small.PlaceAsync("b")).Kind);
    }

    [Fact]
    public async Task A_router_that_throws_for_one_job_fails_that_placement_only()
    {
        var own = new World([World.Pool(router: "own")], routers: [new Fussy()]);
        await own.StartAsync("w1");
        var failed = await own.PlaceAsync("bad", priority: 90);
        Assert.Equal(PlaceAnswerKind.Waiting, failed.Kind);
        Assert.Contains("router own@1 threw InvalidOperationException: bad is not to my taste", failed.Why, StringComparison.Ordinal);
        Assert.Equal(PlaceAnswerKind.Offered, (await own.PlaceAsync("good")).Kind);
        Assert.Contains("bad is not to my taste", (await own.Placer.ExplainNowAsync(new("bad"), World.None))!.Summary, StringComparison.Ordinal);
        Assert.Equal(0, await own.TurnAsync());
    }

    [Fact]
    public async Task A_router_that_hangs_for_one_job_fails_that_placement_only()
    {
        using var release = new ManualResetEventSlim();
        var own = new World([World.Pool(router: "hangs")], routers: [new Hanging(release)]);
        await own.StartAsync("w1");
        var asking = own.PlaceAsync("bad", priority: 90);
        Assert.Equal(PlaceAnswerKind.Offered, (await own.PlaceAsync("good")).Kind);
        own.Time.Advance(own.Options.RouterWait);
        var failed = await asking;
        Assert.Equal(PlaceAnswerKind.Waiting, failed.Kind);
        Assert.Contains("router hangs@1 did not answer within 2 s", failed.Why, StringComparison.Ordinal);
        own.Time.Advance(own.Options.TroublePause);
        Assert.Contains("still at work on an earlier call", (await own.PlaceAsync("bad", priority: 90)).Why, StringComparison.Ordinal);
        Assert.Equal(PlaceAnswerKind.Offered, (await own.PlaceAsync("better")).Kind);
        release.Set();
    }

    [Fact]
    public async Task A_filter_registered_in_code_holds_in_the_pools_that_name_it()
    {
        var own = new World([World.Pool() with { Filters = ["even"] }, World.Pool("plain")], filters: [new EvenWorkersOnly()]);
        await own.StartAsync("w1");
        var refused = await own.PlaceAsync("j");
        Assert.Contains("refused by even: w1 is odd", refused.Why, StringComparison.Ordinal);
        await own.StartAsync("w2");
        Assert.Equal(new WorkerId("w2"), (await own.PlaceAsync("k")).Worker);
    }

    [Fact]
    public void A_pool_that_names_a_router_filter_or_scorer_that_does_not_exist_is_refused_at_once()
    {
        Assert.Contains("least-loaded", Assert.Throws<ArgumentException>(() => new World([World.Pool(router: "none")])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new World([World.Pool() with { Filters = ["none"] }]));
        Assert.Throws<ArgumentException>(() => new World([World.Pool() with { Scorers = new Dictionary<string, double> { ["none"] = 1 } }]));
    }

    private async Task WaitAsync(string job, string cpu = "1", int priority = 50)
    {
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(PlaceAnswerKind.Waiting, (await world.PlaceAsync(job, cpu, priority)).Kind);
    }

    private async Task<(LeaseId Lease, string Worker)> HoldAsync(string job, string cpu)
    {
        var offered = await world.PlaceAsync(job, cpu);
        Assert.Equal(PlaceAnswerKind.Offered, offered.Kind);
        await world.ConfirmAsync(offered.Worker!.Value.Value, offered.Lease!.Value);
        return (offered.Lease.Value, offered.Worker.Value.Value);
    }

    /// <summary>Ends what runs on w1 and gives the queue its turn, again and again.</summary>
    private async Task<List<string>> DrainAsync(LeaseId running, int count)
    {
        var order = new List<string>();
        for (var i = 0; i < count; i++)
        {
            await world.ReturnAsync("w1", running);
            Assert.Equal(1, await world.TurnAsync());
            var offered = (await world.Registry.ListJobsAsync(new() { States = [LeaseState.Offered] }, World.None)).Rows.Single();
            order.Add(offered.Job.Value);
            running = offered.Grant!.Lease;
        }

        return order;
    }

    private sealed class Fussy : IRouter
    {
        public string Name => "own";

        public int Version => 1;

        public string ShapeOf(JobFacts job) => job.Job.Value;

        public RoutingResult Route(RoutingRequest request) =>
            request.Job.Job.Value == "bad" ? throw new InvalidOperationException("bad is not to my taste") : new RoutingResult(request.Candidates[0]);
    }

    private sealed class Hanging(ManualResetEventSlim release) : IRouter
    {
        public string Name => "hangs";

        public int Version => 1;

        public string ShapeOf(JobFacts job) => job.Job.Value;

        public RoutingResult Route(RoutingRequest request)
        {
            if (request.Job.Job.Value == "bad") release.Wait();
            return new RoutingResult(request.Candidates[0]);
        }
    }

    private sealed class EvenWorkersOnly : IFilter
    {
        public string Name => "even";

        public bool Admits(RoutingRequest request, CandidateView candidate) => candidate.Worker.Value == "w2";

        public string Refusal(RoutingRequest request, CandidateView candidate) => $"{candidate.Worker} is odd";
    }
}
