using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Acceptance;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Roles;

/// <summary>Two of each role with one database; whichever is killed, every job ends and every lease.</summary>
[Collection(RolesCollection.Name)]
public sealed class KilledRolesTests(PostgresFixture postgres)
{
    private const int Lines = 30;
    private static readonly TimeSpan AllWithin = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task Each_role_in_turn_is_killed_while_jobs_from_everywhere_wait_and_run()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        var hosts = await Task.WhenAll(stack.StartWorkflowsAsync(), stack.StartWorkflowsAsync());
        var server = await stack.StartServerAsync("one");
        await stack.StartServerAsync("two");
        var worker = (await Task.WhenAll(stack.StartWorkerAsync("ada", "--slots", "2", "--cpu", "4"), stack.StartWorkerAsync("bob", "--slots", "2", "--cpu", "4")))[0];
        var two = stack.Jobs("two");

        // More than there is room for: some must wait, and be placed by whichever host sees room first.
        var jobs = new List<JobId>();
        for (var n = 0; n < 4; n++)
            jobs.Add(await stack.Jobs(n % 2 == 0 ? "one" : "two").SubmitAsync(Spec, $"http-{n}"));
        for (var n = 0; n < 2; n++)
            jobs.Add(new((await stack.CliAsync("submit", "--id", $"cli-{n}", "--process", "--", "sh", "-c", Script)).Ok().Trim()));
        var temporal = await stack.ConnectAsync();
        for (var n = 0; n < 2; n++)
            jobs.Add(new((await temporal.StartWorkflowAsync(JobNames.Workflow, [TemporalClientTests.Spec(Spec)], TemporalClientTests.Options($"temporal-{n}"))).Id));
        await Until.HoldsAsync("four jobs run", async () => (await RunningAsync(two)).Count == 4, Deadlines.Job);

        await hosts[0].CrashAsync();
        await server.CrashAsync();
        await Until.HoldsAsync("jobs go on with one host and one server", async () => (await ClosedAsync(two)).Count >= 2, AllWithin);
        await stack.StartServerAsync("one");
        await worker.CrashAsync();
        await stack.StartWorkerAsync("ada", "--slots", "2", "--cpu", "4");
        await Until.HoldsAsync("jobs go on after a worker was killed", async () => (await ClosedAsync(two)).Count >= 4, AllWithin);
        await stack.StartWorkflowsAsync();
        await hosts[1].CrashAsync();

        var ended = await Task.WhenAll(jobs.Select(job => two.EndAsync(job, AllWithin)));
        Assert.All(ended, view => Assert.Equal((TerminationReason.WorkloadExited, 0), (view.Reason!.Value, view.ExitCode!.Value)));
        foreach (var api in (JobClient[])[stack.Jobs("one"), two])
        {
            foreach (var view in ended)
                Assert.Equal(Wanted, Encoding.UTF8.GetString(await api.StdoutAsync(view.Id, $"?attempt={view.Report!.AttemptsUsed}")));
        }

        await stack.NothingLeftAsync(two);
    }

    [Fact]
    public async Task What_one_server_took_the_other_follows_and_a_follower_goes_on_when_its_server_is_killed()
    {
        await using var stack = await RoleStack.StartAsync(postgres.Server);
        await stack.StartWorkflowsAsync();
        var one = await stack.StartServerAsync("one");
        await stack.StartServerAsync("two");
        await stack.StartWorkerAsync("ada");
        var job = await stack.Jobs("two").SubmitAsync(Spec, "followed");

        // Both name server one first, as the worker does.
        var follower = stack.Start("logs", "-f", job.Value);
        await follower.UntilOutAsync("line 5\n", Deadlines.Job);
        await stack.Jobs("two").UntilOutAsync(job, "line 5\n");
        await one.CrashAsync();

        var view = await stack.Jobs("two").EndAsync(job);
        Assert.Equal((0, 1), (view.ExitCode!.Value, view.Report!.AttemptsUsed));
        Assert.Equal(Wanted, (await follower.EndAsync(Deadlines.Job)).Ok());
        Assert.Equal(Wanted, await stack.Jobs("two").OutAsync(job));
        await stack.NothingLeftAsync(stack.Jobs("two"));
    }

    [Fact]
    public async Task The_database_away_for_a_while_kills_no_container_and_loses_no_job()
    {
        await using var server = await Postgres.Fixture.PostgresServer.StartAsync(durable: true);
        await using var stack = await RoleStack.StartAsync(server);
        var host = await stack.StartWorkflowsAsync();
        var api = await stack.StartServerAsync("one");
        var worker = await stack.StartWorkerAsync("ada");
        var jobs = stack.Jobs("one");
        var running = await jobs.SubmitAsync(Spec, "through-the-outage");
        await jobs.UntilOutAsync(running, "line 3\n");
        var waiting = await jobs.SubmitAsync(Spec, "after-the-outage");

        await server.CrashAsync();
        await worker.UntilErrorAsync("Leases are not renewed");
        await server.RestartAsync();

        var ended = await Task.WhenAll(jobs.EndAsync(running, AllWithin), jobs.EndAsync(waiting, AllWithin));
        Assert.All(ended, view => Assert.Equal((0, 1, Wanted), (view.ExitCode!.Value, view.Report!.AttemptsUsed, jobs.OutAsync(view.Id).Result)));
        Assert.False(host.HasExited || api.HasExited);
        await stack.NothingLeftAsync(jobs);
    }

    private static string Script => $"i=1; while [ $i -le {Lines} ]; do echo line $i; i=$((i+1)); sleep 0.3; done";

    private static string Spec => System.Text.Json.JsonSerializer.Serialize(new { process = (string[])["sh", "-c", Script], retry = new { workerLost = new { max = 5 }, workerUnreachable = new { max = 5 } } });

    private static string Wanted => string.Concat(Enumerable.Range(1, Lines).Select(line => $"line {line}\n"));

    private static async Task<IReadOnlyList<JobView>> RunningAsync(JobClient jobs) => [.. (await AllAsync(jobs)).Where(job => job.State == JobState.Running)];

    private static async Task<IReadOnlyList<JobView>> ClosedAsync(JobClient jobs) => [.. (await AllAsync(jobs)).Where(job => job.State == JobState.Closed)];

    private static async Task<IReadOnlyList<JobView>> AllAsync(JobClient jobs) => (await jobs.GetAsync<JobPage>(ApiPaths.Jobs)).Jobs;
}
