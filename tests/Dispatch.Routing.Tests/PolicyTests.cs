using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Routing.Policies;
using static Dispatch.Routing.Tests.Routing;

namespace Dispatch.Routing.Tests;

public sealed class PolicyTests
{
    [Fact]
    public void All_policies_are_there_by_name() => Assert.Equal(
        ["bin-pack", "first-fit", "least-loaded", "pinned", "power-of-two", "random", "round-robin", "spread"], RoutingPolicies.Names);

    [Fact]
    public void Least_loaded_takes_the_emptiest_and_bin_pack_the_fullest_that_fits()
    {
        var request = Request(Job(cpu: 2), Worker("empty", used: 0), Worker("full", used: 3), Worker("half", used: 2));
        Assert.Equal("empty", Chosen("least-loaded", request));
        Assert.Equal("half", Chosen("bin-pack", request));
    }

    [Fact]
    public void Least_loaded_looks_at_the_scarcest_of_what_is_needed()
    {
        var idleCpu = Worker("a", used: 0, slots: 4, leases: 3);
        Assert.Equal("b", Chosen("least-loaded", Request(Job(), idleCpu, Worker("b", used: 1, slots: 4, leases: 1))));
    }

    [Fact]
    public void Spread_counts_leases_not_sizes() => Assert.Equal(
        "few", Chosen("spread", Request(Job(), Worker("few", used: 3, leases: 1), Worker("many", used: 0, leases: 2))));

    [Fact]
    public void First_fit_takes_the_first_by_id_that_fits() => Assert.Equal("b", Chosen("first-fit", Request(Job(cpu: 2), Worker("a", used: 3), Worker("b"), Worker("c"))));

    [Fact]
    public void Round_robin_takes_turns_and_passes_over_those_that_do_not_fit()
    {
        var request = Request(Job(cpu: 2), Worker("a"), Worker("b", used: 4), Worker("c"));
        Assert.Equal(["a", "c", "c", "a"], Enumerable.Range(0, 4).Select(turn => Chosen("round-robin", request with { Turn = turn })));
    }

    [Fact]
    public void Random_draws_every_worker_alike_and_the_same_for_the_same_seed()
    {
        var request = Request(Job(), Worker("a"), Worker("b"), Worker("c")) with { Explain = false };
        var counts = Enumerable.Range(0, 3000).Select(seed => Chosen("random", request with { Seed = (ulong)seed })!).CountBy(id => id).ToDictionary();
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
        Assert.Equal(Chosen("random", request with { Seed = 7 }), Chosen("random", request with { Seed = 7 }));
    }

    [Fact]
    public void Power_of_two_never_takes_the_fullest_of_three()
    {
        var request = Request(Job(), Worker("a", used: 3), Worker("b", used: 1), Worker("c", used: 0)) with { Explain = false };
        var chosen = Enumerable.Range(0, 300).Select(seed => Chosen("power-of-two", request with { Seed = (ulong)seed })).Distinct().Order();
        Assert.Equal(["b", "c"], chosen);
    }

    [Fact]
    public void Pinned_places_only_jobs_that_name_their_worker()
    {
        Assert.Equal("b", Chosen("pinned", Request(Job(worker: "b"), Worker("a"), Worker("b"))));
        var refused = Route("pinned", Request(Job(), Worker("a")));
        Assert.Null(refused.Chosen);
        Assert.Contains("names no worker", refused.Explanation!.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pinned_job_never_spills_under_any_policy() => Assert.All(
        RoutingPolicies.Names, policy => Assert.Null(Chosen(policy, Request(Job(worker: "full"), Worker("free"), Worker("full", used: 4)))));

    [Fact]
    public void Preferences_rank_and_never_refuse()
    {
        var preferred = new LabelPreference(Constraint("disk", LabelOperator.Equal, "ssd"), 100);
        var request = Request(Job(preferences: [preferred]), Worker("a"), Worker("b", used: 3, labels: ["disk=ssd"]));
        Assert.All(RoutingPolicies.Names.Except(["pinned"]), policy => Assert.Equal("b", Chosen(policy, request)));
        Assert.Equal("a", Chosen("least-loaded", Request(Job(preferences: [preferred]), Worker("a"))));
        var avoided = new LabelPreference(Constraint("disk", LabelOperator.Equal, "ssd"), -100);
        Assert.Equal("a", Chosen("bin-pack", Request(Job(preferences: [avoided]), Worker("a"), Worker("b", used: 3, labels: ["disk=ssd"]))));
    }

    [Fact]
    public void A_host_that_has_the_image_wins_a_near_tie() => Assert.Equal(
        "b", Chosen("least-loaded", Request(Job(image: "busybox"), Worker("a"), Worker("b", images: ["busybox"]))));

    [Fact]
    public void An_image_needs_a_container_runtime_and_a_process_the_process_runtime()
    {
        Assert.Equal("b", Chosen("first-fit", Request(Job(image: "busybox"), Worker("a", runtimes: ["process"]), Worker("b", runtimes: ["podman"]))));
        var refused = Route("first-fit", Request(Job(), Worker("a", runtimes: ["docker"])));
        Assert.Contains("needs runtime process, has docker", refused.Explanation!.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WorkerState.Draining, "draining")]
    [InlineData(WorkerState.Quarantined, "quarantined")]
    [InlineData(WorkerState.Lost, "lost")]
    [InlineData(WorkerState.NotReady, "not ready: docker does not answer")]
    public void Only_ready_workers_get_work(WorkerState state, string why)
    {
        var result = Route("least-loaded", Request(Job(), Worker("a") with { State = state, Unmet = ["docker does not answer"] }));
        Assert.Null(result.Chosen);
        Assert.Contains(why, result.Explanation!.Candidates[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_worker_and_one_that_has_not_said_what_it_has_get_no_work()
    {
        Assert.Null(Chosen("least-loaded", Request(Job(), Worker("a") with { Silent = true }, Worker("b") with { Stated = false })));
    }

    [Fact]
    public void The_excluded_go_last_after_an_error_code_and_stay_out_while_another_may_become_free_after_a_loss()
    {
        CandidateView[] workers = [Worker("a"), Worker("b", used: 4)];
        var failed = Request(Job(), workers) with { Excluded = [new ExcludedWorker(new WorkerId("a"), 1, "NonZeroExit")] };
        var result = Route("least-loaded", failed);
        Assert.Equal("a", result.Chosen!.Worker.Value);
        Assert.Contains("let in again", result.Explanation!.Summary, StringComparison.Ordinal);
        var lost = failed with { Excluded = [new ExcludedWorker(new WorkerId("a"), 1, ExclusionCauses.Lost)] };
        Assert.Null(Chosen("least-loaded", lost));
        Assert.Equal("a", Chosen("least-loaded", lost with { Candidates = [workers[0]] }));
        Assert.Equal("b", Chosen("least-loaded", failed with { Candidates = [workers[0], Worker("b", used: 1)] }));
    }

    [Fact]
    public void An_exclusion_is_of_one_incarnation() => Assert.Equal("a", Chosen("least-loaded", Request(Job(), Worker("a", incarnation: 2), Worker("b", used: 1)) with
    {
        Excluded = [new ExcludedWorker(new WorkerId("a"), 1, ExclusionCauses.Lost)],
    }));

    [Fact]
    public void Custom_units_gpu_and_disk_are_counted_in_whole_numbers()
    {
        var needs = new Amounts { Slots = 1, Units = [new UnitAmount("license", 100)] };
        var total = new Amounts { Slots = 4, Units = [new UnitAmount("license", 300)] };
        var free = total.Minus(needs).Minus(needs).Minus(needs);
        Assert.Equal(0, free.Unit("license"));
        Assert.True(total.Covers(needs));
        Assert.False(free.Covers(needs));
        Assert.False(Amounts.Of(new WorkerCapacity { Slots = 1, Cpu = 1 }).Covers(Amounts.Of(new Resources { DiskBytes = 1, MemoryBytes = 0 })));
        Assert.Equal(101, Amounts.Of(new Resources { Cpu = 0.1001m }).CpuMilli);
        Assert.Equal(100, Amounts.Of(new WorkerCapacity { Cpu = 0.1009m }).CpuMilli);
    }
}
