using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>The real workflow when workers go, come back, or never answer.</summary>
public sealed class WorkerGoneTests(JobWorld world) : IClassFixture<JobWorld>
{
    private const string OneRetry = """{"process":["x"],"retry":{"workerLost":{"max":1,"backoff":{"initial":"50ms"}}}}""";

    [Fact]
    public async Task A_worker_that_never_takes_it_is_excluded_and_the_offer_given_back()
    {
        var run = await world.RunAsync("unreachable", new()
        {
            Place = ask => ask switch
            {
                { Attempt: 1, Ask: 1 } => JobScript.Offer(ask, "w3"),
                { Attempt: 1 } => JobScript.Offer(ask, "w3"),
                _ => JobScript.Offer(ask),
            },
        });
        Assert.Equal("Opened Selected(1,w3) Sent(1.1) Exited(1,unreachable) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps);
        Assert.Equal("unreachable-1", run.Asks[2].GiveBack?.Value);
        Assert.Equal(("w3", 1L, "unreachable"), (run.Asks[2].Excluded[0].Worker.Value, run.Asks[2].Excluded[0].Incarnation, run.Asks[2].Excluded[0].Cause));
    }

    [Fact]
    public async Task A_lost_worker_means_the_next_attempt_once_its_lease_has_ended()
    {
        var run = await world.RunAsync(
            "lost-then-success",
            new()
            {
                Place = ask => ask switch { { Attempt: 1, Ask: 1 } => JobScript.Offer(ask), { Attempt: 1 } => JobScript.Ended(ask), _ => JobScript.Offer(ask, "w2") },
                Run = input => input.Attempt == 1 ? JobScript.Silence(input) : Task.FromResult(JobScript.Exit(input, 0)),
            },
            OneRetry);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost) Selected(2,w2) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps);
    }

    [Fact]
    public async Task A_lost_worker_ends_the_job_where_no_attempt_is_left_after_a_final_ask()
    {
        var run = await world.RunAsync(
            "worker-lost",
            new() { Place = ask => ask.Ask == 1 ? JobScript.Offer(ask) : JobScript.Ended(ask), Run = JobScript.Silence },
            """{"process":["x"],"retry":{"workerLost":{"max":0}}}""");
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost) Closed(WorkerLost)", run.Steps);
        Assert.True(run.Asks[^1].Final);
        Assert.Equal("WorkerLost", run.FailureType);
    }

    [Fact]
    public async Task An_outcome_that_the_row_has_counts()
    {
        var run = await world.RunAsync("outcome-from-row", new()
        {
            Place = ask => ask.Ask == 1
                ? JobScript.Offer(ask)
                : JobScript.Ended(ask, expired: false) with { Outcome = Report(4) },
            Run = JobScript.Silence,
        });
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1,NonZeroExit) Closed(WorkloadExited)", run.Steps);
        Assert.Equal(4, run.Report!.Outcome.Code);
    }

    [Fact]
    public async Task The_final_ask_finds_an_outcome_that_came_late()
    {
        var run = await world.RunAsync(
            "final-finds-outcome",
            new()
            {
                Place = ask => ask switch
                {
                    { Ask: 1 } => JobScript.Offer(ask),
                    { Final: true } => JobScript.Ended(ask, expired: false) with { Outcome = Report(0) },
                    _ => JobScript.Ended(ask),
                },
                Run = JobScript.Silence,
            },
            """{"process":["x"],"retry":{"workerLost":{"max":0}}}""");
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)", run.Steps);
        Assert.Null(run.Failure);
    }

    [Fact]
    public async Task A_worker_that_holds_it_is_sent_it_again_in_the_same_attempt()
    {
        var run = await world.RunAsync("sent-again", new()
        {
            Place = ask => ask.Ask == 1 ? JobScript.Offer(ask) : JobScript.Held(ask),
            Run = input => input.Delivery == 1 ? JobScript.Silence(input) : Task.FromResult(JobScript.Exit(input, 0)),
        });
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(WorkloadExited)", run.Steps);
    }

    [Fact]
    public async Task A_nudge_between_deliveries_makes_the_job_look_at_once()
    {
        var expired = false;
        var handle = await world.StartAsync(
            "nudged-between-deliveries",
            new()
            {
                Place = ask => ask.Attempt > 1 || ask.Ask == 1 ? JobScript.Offer(ask) : expired ? JobScript.Ended(ask) : JobScript.Held(ask),
                Run = input => input.Attempt == 1 ? JobScript.Silence(input) : Task.FromResult(JobScript.Exit(input, 0)),
            },
            OneRetry);
        await JobWorld.UntilAsync(() => Task.FromResult(world.Asks.Any(ask => ask.Job == new Contracts.Ids.JobId("nudged-between-deliveries") && ask.Ask == 2)), "it looked");
        expired = true;
        await handle.SignalAsync(Contracts.JobNames.Nudge, []);
        var run = await world.EndAsync(handle);
        Assert.EndsWith("Exited(1,lost) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_that_revives_before_it_is_superseded_goes_on_in_the_same_attempt()
    {
        var run = await world.RunAsync(
            "revived",
            new()
            {
                Place = ask => ask switch { { Ask: 1 } => JobScript.Offer(ask), { Ask: 2 } => JobScript.Ended(ask), _ => JobScript.Held(ask) },
                Run = input => input.Delivery == 1 ? JobScript.Silence(input) : Task.FromResult(JobScript.Exit(input, 0)),
            },
            OneRetry);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Sent(1.2) Received(1) Closed(WorkloadExited)", run.Steps);
    }

    [Fact]
    public async Task A_job_under_which_several_workers_died_is_poisoned()
    {
        var run = await world.RunAsync(
            "poisoned",
            new()
            {
                Place = ask => ask.Ask == 1 || ask.SeenReturned is not null ? JobScript.Offer(ask, ask.Attempt % 2 == 1 ? "w1" : "w2") : JobScript.Ended(ask, ask.Attempt, expired: false),
                Run = input => throw JobScript.Failure(ErrorCode.WorkerLost, poison: input.Attempt == 2),
            },
            """{"process":["x"],"retry":{"workerLost":{"max":5,"backoff":{"initial":"50ms"}}}}""");
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,lost) Selected(2,w2) Sent(2.1) Exited(2,lost) Closed(Poisoned)", run.Steps);
        Assert.Equal("Poisoned", run.FailureType);
    }

    [Fact]
    public async Task A_draining_worker_costs_nothing()
    {
        var run = await world.RunAsync("draining", new()
        {
            Place = ask => JobScript.Offer(ask, ask.Attempt == 1 ? "w1" : "w2"),
            Run = input => Task.FromResult(input.Attempt == 1 ? JobScript.Exit(input, 143, ContainerEnd.Drained, signal: 15) : JobScript.Exit(input, 0)),
        });
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,draining) Selected(2,w2) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps);
    }

    [Fact]
    public async Task A_worker_without_the_registry_starts_nothing_and_is_not_excluded()
    {
        var run = await world.RunAsync(
            "registry-unavailable",
            new()
            {
                Run = input => input.Attempt == 1 ? throw JobScript.Failure(ErrorCode.RegistryUnavailable) : Task.FromResult(JobScript.Exit(input, 0)),
            },
            """{"process":["x"],"retry":{"registryUnavailable":{"max":1,"backoff":{"initial":"50ms"}}}}""");
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,registryUnavailable) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps);
        Assert.Empty(run.Asks[^1].Excluded);
        Assert.Equal("registry-unavailable-1", run.Asks[^1].GiveBack?.Value);
    }

    [Fact]
    public async Task A_stale_lease_is_fenced()
    {
        var run = await world.RunAsync(
            "fenced",
            new()
            {
                Place = ask => ask switch { { Attempt: 1, Ask: 1 } => JobScript.Offer(ask), { Attempt: 1 } => JobScript.Ended(ask, expired: false), _ => JobScript.Offer(ask) },
                Run = input => input.Attempt == 1 ? throw JobScript.Failure(ErrorCode.StaleLease) : Task.FromResult(JobScript.Exit(input, 0)),
            },
            OneRetry);
        Assert.Equal("Opened Selected(1,w1) Sent(1.1) Exited(1,fenced) Selected(2,w1) Sent(2.1) Received(2) Closed(WorkloadExited)", run.Steps);
    }

    private static ContainerReport Report(int code) =>
        new() { Attempt = 1, Lease = new("row"), End = ContainerEnd.Exited, Outcome = new() { Code = code } };
}
