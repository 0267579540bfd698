using System.Diagnostics;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Workers;

/// <summary>Which worker a job goes to, and why it waits.</summary>
[Collection(WorkersCollection.Name)]
public sealed class PlacementCases(WorkersFixture fixture) : WorkerTests(fixture.Stack)
{
    [Fact]
    [Trait("case", "G39")]
    public async Task Not_equal_and_not_in_hold_on_a_worker_that_does_not_have_the_label()
    {
        var workers = await StartAllAsync(("g39-1", ["--label", "router=1", "--slots", "8"]), ("g39-2", ["--slots", "8"]));

        Assert.Equal("g39-2", await WorkerOfAsync("""{"label":"router","op":"!=","values":["1"]}"""));
        Assert.Equal("g39-2", await WorkerOfAsync("""{"label":"router","op":"notin","values":["1","2"]}"""));
        Assert.Equal("g39-1", await WorkerOfAsync("""{"label":"router","op":"=","values":["1"]}"""));
        Assert.Equal("g39-1", await WorkerOfAsync("""{"label":"router","op":"exists"}"""));

        await EndAsync(workers[1]);
        var job = await Jobs.SubmitAsync("""{"process":["true"],"constraints":[{"label":"router","op":"!=","values":["1"]}]}""");
        await Jobs.UntilAsync(job, view => view.State == JobState.Queued && view.Message is { Length: > 0 });
        var why = await Jobs.WhyAsync(job);
        var refused = Assert.Single(why.Now!.Candidates, candidate => candidate.Worker.Value == "g39-1");
        Assert.Equal("constraints", refused.RefusedBy);
        Assert.Contains("router != 1", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("is \"1\"", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("router != 1", (await Stack.CliAsync("why", job.Value)).Ok(), StringComparison.Ordinal);
        await Jobs.StopAsync(job);
    }

    [Fact]
    [Trait("case", "G40")]
    public async Task Greater_than_compares_numbers_not_letters()
    {
        await StartAllAsync(("g40-8", ["--label", "cores=8", "--slots", "8"]), ("g40-16", ["--label", "cores=16", "--slots", "8"]), ("g40-100", ["--label", "cores=100", "--slots", "8"]));

        await EligibleAsync(">", "10", ["g40-100", "g40-16"]);
        await EligibleAsync(">", "9", ["g40-100", "g40-16"]);
        await EligibleAsync("<", "16", ["g40-8"]);
    }

    [Fact]
    [Trait("case", "G43")]
    public async Task A_job_that_fits_nowhere_does_not_block_those_that_fit_and_says_why_it_waits()
    {
        await StartAsync("g43", "--cpu", "4", "--memory", "8Gi", "--slots", "64");
        var big = await Jobs.SubmitAsync("""{"process":["true"],"resources":{"cpu":64},"priority":100,"timeouts":{"queue":"40s"}}""", "G43-big");
        await Jobs.UntilAsync(big, view => view.State == JobState.Queued && view.Message is { Length: > 0 });

        var since = Stopwatch.GetTimestamp();
        var small = await Jobs.RunManyAsync(Enumerable.Repeat("""{"process":["true"],"resources":{"cpu":1},"priority":0}""", 20), 20);
        Assert.All(small, view => Assert.Equal(0, view.ExitCode));
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10) + (2 * Deadlines.Slack));

        var why = (await Stack.CliAsync("why", "G43-big")).Ok();
        Assert.All(["cpu", "g43", "60"], text => Assert.Contains(text, why, StringComparison.Ordinal));
        var ended = await Jobs.EndAsync(big);
        Assert.Equal((TerminationReason.QueueTimeout, ErrorCode.QueueTimeout, 0), (ended.Reason!.Value, ended.Error!.Value, ended.Report!.AttemptsUsed));
        Assert.Null(ended.StdoutTail);
    }

    private async Task<string?> WorkerOfAsync(string constraint)
    {
        var view = await Jobs.RunAsync($$"""{"process":["true"],"constraints":[{{constraint}}]}""");
        Assert.Equal(0, view.ExitCode);
        return view.Worker?.Value;
    }

    private async Task EligibleAsync(string op, string value, string[] eligible)
    {
        var view = await Jobs.RunAsync($$"""{"process":["true"],"constraints":[{"label":"cores","op":"{{op}}","values":["{{value}}"]}]}""");
        Assert.Contains(view.Worker!.Value.Value, eligible);

        var candidates = (await Jobs.WhyAsync(view.Id)).Recorded!.Explanation!.Candidates.Where(candidate => candidate.Worker.Value.StartsWith("g40-", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, candidates.Count);
        Assert.Equal(eligible, candidates.Where(candidate => candidate.RefusedBy is null).Select(candidate => candidate.Worker.Value).Order(StringComparer.Ordinal));
        Assert.All(candidates.Where(candidate => candidate.RefusedBy is not null), candidate =>
        {
            Assert.Equal("constraints", candidate.RefusedBy);
            Assert.Contains(candidate.Worker.Value["g40-".Length..], candidate.Reason, StringComparison.Ordinal);
        });
    }
}
