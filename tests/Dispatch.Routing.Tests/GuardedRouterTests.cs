using Dispatch.Contracts.Ids;
using Dispatch.Routing.Guarding;
using Microsoft.Extensions.Time.Testing;
using static Dispatch.Routing.Tests.Routing;

namespace Dispatch.Routing.Tests;

public sealed class GuardedRouterTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task A_router_that_throws_is_an_error_of_that_placement_only()
    {
        var guarded = new GuardedRouter(new OwnRouter(request => request.Job.Needs.CpuMilli > 1000 ? throw new InvalidOperationException("no table") : new RoutingResult(request.Candidates[0])), time);
        var failed = await guarded.RouteAsync(Request(Job(cpu: 2), Worker("a")), CancellationToken.None);
        Assert.Equal("router own@3 threw InvalidOperationException: no table", failed.Error);
        Assert.Null(failed.Result.Chosen);
        Assert.Equal("a", (await guarded.RouteAsync(Request(Job(), Worker("a")), CancellationToken.None)).Result.Chosen!.Worker.Value);
    }

    [Fact]
    public async Task A_router_that_names_an_unknown_worker_or_incarnation_is_an_error()
    {
        var unknown = new GuardedRouter(new OwnRouter(_ => new RoutingResult(Worker("ghost"))), time);
        Assert.Contains("ghost incarnation 1, which is not among the 1 candidates", (await unknown.RouteAsync(Request(Job(), Worker("a")), CancellationToken.None)).Error, StringComparison.Ordinal);
        var old = new GuardedRouter(new OwnRouter(_ => new RoutingResult(Worker("a", incarnation: 1))), time);
        Assert.NotNull((await old.RouteAsync(Request(Job(), Worker("a", incarnation: 2)), CancellationToken.None)).Error);
    }

    [Fact]
    public async Task A_router_that_names_a_worker_which_a_rule_refuses_is_an_error()
    {
        var guarded = new GuardedRouter(new OwnRouter(request => new RoutingResult(request.Candidates[0])), time);
        var failed = await guarded.RouteAsync(Request(Job(cpu: 8), Worker("a")), CancellationToken.None);
        Assert.Contains("which filter capacity refuses: cpu: needs 8, has 4 in all, 4 missing", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_that_hangs_is_left_after_5_s_and_not_called_for_that_job_while_it_hangs()
    {
        using var release = new ManualResetEventSlim();
        var hangs = new JobId("hangs");
        var guarded = new GuardedRouter(
            new OwnRouter(request =>
            {
                if (request.Job.Job == hangs) release.Wait();
                return new RoutingResult(request.Candidates[0]);
            }),
            time);
        var bad = Request(Job() with { Job = hangs }, Worker("a"));
        var routing = guarded.RouteAsync(bad, CancellationToken.None).AsTask();
        time.Advance(GuardedRouter.CallMax);
        Assert.Equal("router own@3 did not answer within 5 s", (await routing).Error);
        Assert.Equal(1, guarded.Abandoned);
        Assert.Contains("still at work on an earlier call", (await guarded.RouteAsync(bad, CancellationToken.None)).Error, StringComparison.Ordinal);
        Assert.Null((await guarded.RouteAsync(Request(Job(), Worker("a")), CancellationToken.None)).Error);
        release.Set();
        Assert.True(SpinWait.SpinUntil(() => guarded.Abandoned == 0, TimeSpan.FromSeconds(30)));
        Assert.Null((await guarded.RouteAsync(bad, CancellationToken.None)).Error);
    }

    private sealed class OwnRouter(Func<RoutingRequest, RoutingResult> route) : IRouter
    {
        public string Name => "own";

        public int Version => 3;

        public RoutingResult Route(RoutingRequest request) => route(request);
    }
}
